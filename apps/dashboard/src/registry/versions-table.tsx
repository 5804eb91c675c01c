import { Button, Checkbox, Paper, UnstyledButton } from '@mantine/core';
import { ArrowDownIcon, ArrowUpIcon } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, memo, useEffect, useRef } from 'react';
import type { Deployment, RegisteredVersion } from '../api/types';
import { TimeAgo } from '../components/time-ago';
import { formatMetric } from '../format';
import { texts } from '../texts/en';
import { type ColumnId, nameOfColumn, type Sorting, valueOf } from './sorting';
import { VersionCell } from './version-cell';
import classes from './versions.module.css';

interface VersionsTableProps {
  readonly model: string;
  readonly rows: readonly RegisteredVersion[];
  readonly columns: readonly ColumnId[];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  readonly ticked: readonly string[];
  readonly onTick: (uri: string, checked: boolean) => void;
  readonly deployment: Deployment | undefined;
  readonly mayOperate: boolean;
  readonly onLoad: (uri: string) => void;
  /** The end is near. */
  readonly onNearEnd: () => void;
}

const ROW_PX = 57;
const ROWS_AHEAD = 20;

/** Only the rows in sight exist, however many versions there are. */
export function VersionsTable(props: VersionsTableProps) {
  const { model, rows, columns, sorting, onSort, onNearEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.uri ?? index,
    // Before the first layout: a screenful.
    initialRect: { width: 800, height: 600 },
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const isNearEnd = last > rows.length - ROWS_AHEAD;
  useEffect(() => {
    if (isNearEnd) onNearEnd();
  }, [isNearEnd, rows.length, onNearEnd]);
  const head = (by: Sorting['by'], label: string) => (
    <SortHead key={by} by={by} label={label} sorting={sorting} onSort={onSort} />
  );
  const style = {
    '--columns': `2rem minmax(13rem, 2.5fr) repeat(${columns.length}, minmax(5.5rem, 1fr)) 6rem 9.5rem`,
    '--least': `${34 + 6.5 * columns.length}rem`,
  } as CSSProperties;
  return (
    <Paper
      withBorder
      className={classes['scroller']}
      ref={scroller}
      tabIndex={0}
      role="group"
      aria-label={model}
      style={style}
    >
      <div role="table" aria-rowcount={rows.length + 1} aria-label={model} className={classes['table']}>
        <div role="rowgroup" className={classes['head']}>
          <div role="row" aria-rowindex={1} className={classes['row']}>
            <div role="columnheader">
              <span className={classes['hidden']}>{texts.registry.columns.select}</span>
            </div>
            {head('version', texts.registry.columns.version)}
            {columns.map((column) => head(column, nameOfColumn(column)))}
            {head('made', texts.registry.columns.made)}
            <div role="columnheader">
              <span className={classes['hidden']}>{texts.registry.columns.action}</span>
            </div>
          </div>
        </div>
        <div
          role="rowgroup"
          style={{ paddingTop: items[0]?.start ?? 0, paddingBottom: virtual.getTotalSize() - (items.at(-1)?.end ?? 0) }}
        >
          {items.map(({ index }) => {
            const version = rows[index];
            return version === undefined ? null : (
              <VersionRow
                key={version.uri}
                {...props}
                version={version}
                index={index}
                measure={virtual.measureElement}
              />
            );
          })}
        </div>
      </div>
    </Paper>
  );
}

interface VersionRowProps extends VersionsTableProps {
  readonly version: RegisteredVersion;
  readonly index: number;
  readonly measure: (row: HTMLElement | null) => void;
}

/** While the table is scrolled, only rows that come into sight are rendered. */
const VersionRow = memo(function VersionRow({ version, index, measure, ...props }: VersionRowProps) {
  const { columns, ticked, onTick, deployment, mayOperate, onLoad } = props;
  const name = `v${version.version}`;
  return (
    <div role="row" aria-rowindex={index + 2} data-index={index} ref={measure} className={classes['row']}>
      <div role="cell">
        <Checkbox
          aria-label={texts.registry.tick(name)}
          checked={ticked.includes(version.uri)}
          onChange={({ currentTarget: { checked } }) => {
            onTick(version.uri, checked);
          }}
        />
      </div>
      <VersionCell version={version} deployment={deployment} />
      {columns.map((column) => (
        <div role="cell" key={column} className={classes['value']} data-kind={column.split(':')[0]}>
          <span className={classes['label']} aria-hidden>
            {nameOfColumn(column)}{' '}
          </span>
          {shown(valueOf(version, column))}
        </div>
      ))}
      <div role="cell" className={classes['made']}>
        {version.createdAt === null ? '–' : <TimeAgo at={version.createdAt} plain />}
      </div>
      <div role="cell" className={classes['action']}>
        {version.servable && (
          <Button
            size="xs"
            variant="default"
            disabled={!mayOperate || deployment === undefined}
            aria-label={`${texts.registry.load} ${name}`}
            onClick={() => {
              onLoad(version.uri);
            }}
          >
            {texts.registry.load}
          </Button>
        )}
      </div>
    </div>
  );
});

const shown = (value: string | number | null): string =>
  value === null ? '–' : typeof value === 'number' ? formatMetric(value) : value;

interface SortHeadProps {
  readonly by: Sorting['by'];
  readonly label: string;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function SortHead({ by, label, sorting, onSort }: SortHeadProps) {
  const active = sorting.by === by;
  const Icon = sorting.descending ? ArrowDownIcon : ArrowUpIcon;
  return (
    <div
      role="columnheader"
      aria-sort={active ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
      className={by.startsWith('metric:') ? classes['number'] : undefined}
    >
      <UnstyledButton
        fz="inherit"
        fw="inherit"
        className={classes['sort']}
        title={texts.registry.sortBy(label)}
        onClick={() => {
          onSort({ by, descending: active ? !sorting.descending : true });
        }}
      >
        {label} {active && <Icon size={12} aria-hidden />}
      </UnstyledButton>
    </div>
  );
}
