import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { EmptyState } from '../layout/page';
import { texts } from '../texts/en';
import { ColumnChoice } from './column-choice';
import { Comparison } from './comparison';
import { columnsOf, nameOfColumn, type Sorting, sorted } from './sorting';
import { useColumns } from './use-columns';
import { VersionsTable } from './versions-table';
import { useVersions } from './versions-query';
import classes from './versions.module.css';

interface VersionsProps {
  readonly model: string;
  readonly deployment: Deployment | undefined;
  readonly mayOperate: boolean;
  readonly onLoad: (uri: string) => void;
}

/** The versions of a model as a table; ticked ones are compared below it. */
export function Versions({ model, deployment, mayOperate, onLoad }: VersionsProps) {
  const { versions, error, refetch, hasMore, readMore, isReadingAll, readAll } = useVersions(model);
  const [sorting, setSorting] = useState<Sorting>({ by: 'version', descending: true });
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const comparison = useRef<HTMLDivElement>(null);
  const available = useMemo(() => columnsOf(versions ?? []), [versions]);
  const [columns, setColumns] = useColumns(model, available);
  const rows = useMemo(() => sorted(versions ?? [], sorting), [versions, sorting]);
  const nearEnd = useRef(readMore);
  nearEnd.current = readMore;
  const onNearEnd = useCallback(() => {
    nearEnd.current();
  }, []);

  if (versions === undefined) {
    return error === null ? (
      <Skeleton h={300} role="status" aria-busy aria-label={texts.loading} />
    ) : (
      <ProblemNotice title={texts.registry.failed} error={error} onRetry={() => void refetch()} />
    );
  }
  if (versions.length === 0) return <EmptyState>{texts.registry.noVersions}</EmptyState>;
  const compared = versions.filter(({ uri }) => ticked.includes(uri));
  return (
    <Stack gap="sm">
      {error !== null && <ProblemNotice title={texts.registry.failed} error={error} onRetry={() => void refetch()} />}
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {texts.registry.versionCount(versions.length, !hasMore)}
          </Text>
          {hasMore && <ReadAll count={versions.length} sorting={sorting} isReading={isReadingAll} onChange={readAll} />}
        </Group>
        <Group gap="xs">
          <Ticked
            count={compared.length}
            onShow={() => {
              comparison.current?.scrollIntoView({ block: 'start' });
              comparison.current?.focus({ preventScroll: true });
            }}
            onClear={() => {
              setTicked([]);
            }}
          />
          <ColumnChoice available={available} chosen={columns} onChange={setColumns} />
        </Group>
      </Group>
      <SortNarrow columns={columns} sorting={sorting} onSort={setSorting} />
      <VersionsTable
        {...{ model, rows, columns, sorting, ticked, deployment, mayOperate, onLoad, onNearEnd }}
        onSort={setSorting}
        onTick={(uri, checked) => {
          setTicked((before) => (checked ? [...before, uri] : before.filter((other) => other !== uri)));
        }}
      />
      {!mayOperate && (
        <Text size="sm" c="dimmed">
          {texts.why.mayNot}
        </Text>
      )}
      {mayOperate && deployment === undefined && (
        <Text size="sm" c="dimmed">
          {texts.registry.noDeployment}
        </Text>
      )}
      {compared.length > 1 && (
        <Comparison
          ref={comparison}
          versions={compared}
          known={versions}
          deployment={deployment}
          mayOperate={mayOperate}
          onLoad={onLoad}
          onClear={() => {
            setTicked([]);
          }}
        />
      )}
    </Stack>
  );
}

interface ReadAllProps {
  readonly count: number;
  readonly sorting: Sorting;
  readonly isReading: boolean;
  readonly onChange: (wanted: boolean) => void;
}

/** The newest come first, so a list that is not whole is only wrong where it is sorted otherwise. */
function ReadAll({ count, sorting, isReading, onChange }: ReadAllProps) {
  const isNatural = sorting.by === 'version' && sorting.descending;
  return (
    <>
      {!isNatural && (
        <Text size="sm" c="dimmed">
          {texts.registry.sortsWhatIsRead}
        </Text>
      )}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => {
          onChange(!isReading);
        }}
      >
        {isReading ? `${texts.registry.readingAll(count)} · ${texts.registry.stop}` : texts.registry.readAll}
      </Button>
    </>
  );
}

interface TickedProps {
  readonly count: number;
  readonly onShow: () => void;
  readonly onClear: () => void;
}

function Ticked({ count, onShow, onClear }: TickedProps) {
  if (count < 2) {
    return (
      <Text size="sm" c="dimmed">
        {count === 0 ? texts.registry.tickHint : texts.registry.oneTicked}
      </Text>
    );
  }
  return (
    <>
      <Button size="xs" onClick={onShow}>
        {texts.registry.showComparison(count)}
      </Button>
      <Button size="xs" variant="default" onClick={onClear}>
        {texts.registry.clear}
      </Button>
    </>
  );
}

interface SortNarrowProps {
  readonly columns: readonly Sorting['by'][];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

/** Where the table has no head to press. */
function SortNarrow({ columns, sorting, onSort }: SortNarrowProps) {
  const { version, made } = texts.registry.columns;
  const options = [
    { by: 'version' as const, label: version },
    { by: 'made' as const, label: made },
    ...columns.map((by) => ({ by, label: by === 'version' || by === 'made' ? by : nameOfColumn(by) })),
  ].flatMap(({ by, label }) => [
    { value: `${by} down`, label: `${label} ↓`, sorting: { by, descending: true } },
    { value: `${by} up`, label: `${label} ↑`, sorting: { by, descending: false } },
  ]);
  return (
    <NativeSelect
      className={classes['sortNarrow']}
      size="xs"
      label={texts.registry.sortLabel}
      data={options.map(({ value, label }) => ({ value, label }))}
      value={`${sorting.by} ${sorting.descending ? 'down' : 'up'}`}
      onChange={({ currentTarget: { value } }) => {
        const option = options.find((one) => one.value === value);
        if (option !== undefined) onSort(option.sorting);
      }}
    />
  );
}
