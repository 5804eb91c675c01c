import { Anchor, Badge, Button, Checkbox, Group, Paper, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconExternalLink } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { versionsQuery } from '../api/queries';
import type { Deployment, RegisteredVersion } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { formatMetric } from '../format';
import { EmptyState } from '../layout/page';
import { texts } from '../texts/en';
import { Comparison } from './comparison';
import { metricNames, type Sorting, sorted } from './sorting';
import classes from './versions.module.css';

interface VersionsProps {
  readonly model: string;
  readonly deployment: Deployment | undefined;
  readonly mayOperate: boolean;
  readonly onLoad: (uri: string) => void;
}

const ROW_PX = 56;
const ROWS_AHEAD = 20;
const MOST_METRICS = 4;

/** The versions of a model as a table of which only the visible rows exist; ticked ones are compared below. */
export function Versions({ model, deployment, mayOperate, onLoad }: VersionsProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    versionsQuery(model),
  );
  const [sorting, setSorting] = useState<Sorting>({ by: 'version', descending: true });
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const scroller = useRef<HTMLDivElement>(null);
  const versions = data?.pages.flatMap((page) => page.versions) ?? [];
  const rows = sorted(versions, sorting);
  const metrics = metricNames(versions).slice(0, MOST_METRICS);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last > rows.length - ROWS_AHEAD) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (data === undefined) {
    return error === null ? (
      <Skeleton h={300} role="status" aria-busy aria-label={texts.loading} />
    ) : (
      <ProblemNotice title={texts.registry.failed} error={error} onRetry={() => void refetch()} />
    );
  }
  if (versions.length === 0) return <EmptyState>{texts.registry.noVersions}</EmptyState>;
  const columns = {
    gridTemplateColumns: `2.5rem minmax(11rem, 2fr) repeat(${metrics.length}, minmax(5rem, 1fr)) 6.5rem 11rem`,
  };
  const head = (by: string, label: string) => (
    <SortHead key={by} by={by} label={label} sorting={sorting} onSort={setSorting} />
  );
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <Stack>
      <Paper withBorder className={classes['scroller']} ref={scroller} tabIndex={0} role="group" aria-label={model}>
        <div role="table" aria-rowcount={rows.length + 1} aria-label={model} className={classes['table']}>
          <div role="rowgroup" className={classes['head']}>
            <div role="row" aria-rowindex={1} className={classes['row']} style={columns}>
              <div role="columnheader">
                <span className={classes['hidden']}>{texts.registry.columns.select}</span>
              </div>
              {head('version', texts.registry.columns.version)}
              {metrics.map((name) => head(`metric:${name}`, name))}
              {head('made', texts.registry.columns.made)}
              <div role="columnheader">{texts.registry.columns.action}</div>
            </div>
          </div>
          <div role="rowgroup" style={{ paddingTop: before, paddingBottom: after }}>
            {items.map(({ index }) => {
              const version = rows[index];
              if (version === undefined) return null;
              return (
                <div
                  key={version.uri}
                  role="row"
                  aria-rowindex={index + 2}
                  data-index={index}
                  ref={virtual.measureElement}
                  className={classes['row']}
                  style={columns}
                >
                  <div role="cell">
                    <Checkbox
                      aria-label={texts.registry.tick(`v${version.version}`)}
                      checked={ticked.includes(version.uri)}
                      onChange={({ currentTarget: { checked } }) => {
                        setTicked((before) =>
                          checked ? [...before, version.uri] : before.filter((uri) => uri !== version.uri),
                        );
                      }}
                    />
                  </div>
                  <VersionCell version={version} deployment={deployment} />
                  {metrics.map((name) => (
                    <div role="cell" key={name} className={classes['number']}>
                      {version.metrics[name] == null ? '–' : formatMetric(version.metrics[name])}
                    </div>
                  ))}
                  <div role="cell">{version.createdAt === null ? '–' : <TimeAgo at={version.createdAt} />}</div>
                  <div role="cell">
                    {version.servable && (
                      <Button
                        size="xs"
                        variant="default"
                        disabled={!mayOperate || deployment === undefined}
                        aria-label={`${texts.registry.load} v${version.version}`}
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
            })}
          </div>
        </div>
      </Paper>
      {!mayOperate && (
        <Text size="sm" c="dimmed">
          {texts.why.mayNot}
        </Text>
      )}
      {ticked.length > 1 && (
        <Comparison
          versions={versions.filter(({ uri }) => ticked.includes(uri))}
          onClear={() => {
            setTicked([]);
          }}
        />
      )}
    </Stack>
  );
}

interface VersionCellProps {
  readonly version: RegisteredVersion;
  readonly deployment: Deployment | undefined;
}

function VersionCell({ version, deployment }: VersionCellProps) {
  const holding = (['current', 'next', 'previous'] as const).filter(
    (slot) => deployment?.actual[slot]?.uri === version.uri,
  );
  return (
    <div role="cell">
      <Group gap={6}>
        <Text fw={650} size="sm" {...(version.servable ? {} : { c: 'dimmed' })}>
          v{version.version}
        </Text>
        {version.aliases.map((alias) => (
          <Badge key={alias} variant="default" size="sm" tt="none">
            @{alias}
          </Badge>
        ))}
        {holding.map((slot) => (
          <Badge key={slot} variant="light" autoContrast size="sm" tt="none">
            {texts.registry.servedBy(slot)}
          </Badge>
        ))}
        {version.run?.url != null && (
          <Anchor href={version.run.url} target="_blank" rel="noreferrer" size="xs">
            {texts.registry.run} <IconExternalLink size={12} aria-hidden />
          </Anchor>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {version.servable
          ? (version.description ?? version.flavors.join(', '))
          : `${texts.registry.notServable}: ${version.notServableBecause ?? ''}`}
      </Text>
    </div>
  );
}

interface SortHeadProps {
  readonly by: string;
  readonly label: string;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

function SortHead({ by, label, sorting, onSort }: SortHeadProps) {
  const active = sorting.by === by;
  const Icon = sorting.descending ? IconArrowDown : IconArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={active ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
      className={by.startsWith('metric:') ? classes['number'] : undefined}
    >
      <UnstyledButton
        fz="inherit"
        fw="inherit"
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
