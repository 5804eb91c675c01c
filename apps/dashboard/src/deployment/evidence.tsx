import { Group, Paper, SegmentedControl, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, memo, Suspense, useDeferredValue, useState } from 'react';
import { recentEventsQuery, statisticsQuery } from '../api/queries';
import type { AuditEvent, Deployment, Statistics } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { useNow } from '../components/use-now';
import { formatCount } from '../format';
import { EmptyState } from '../layout/page';
import { texts } from '../texts/en';
import { armDifferences } from './arm-differences';
import { armOf } from './arms';

/** The charts bring a library of their own: it is fetched once there is something to draw. */
const ArmCharts = lazy(async () => ({ default: memo((await import('./arm-charts')).ArmCharts) }));

const RANGES = ['15', '60', '1440', '10080'] as const;
type Range = (typeof RANGES)[number];

const EVENTS_FOR_MARKS = 100;
const NO_EVENTS: readonly AuditEvent[] = [];

/** Both arms beside each other: is next better, and since when. */
export function Evidence({ deployment }: { readonly deployment: Deployment }) {
  const [range, setRange] = useState<Range>('15');
  const { data, dataUpdatedAt, error, refetch } = useQuery(statisticsQuery(deployment.name, Number(range)));
  const { data: marked = NO_EVENTS } = useQuery(recentEventsQuery(deployment.name, EVENTS_FOR_MARKS));
  // What comes of a query is drawn at once and as a whole; this can be put off for whatever somebody waits for.
  const statistics = useDeferredValue(data);
  const events = useDeferredValue(marked);
  // Where no statistics come either: a rate falls with the time in which nothing happens.
  const now = useDeferredValue(Math.max(dataUpdatedAt, useNow().getTime()));
  return (
    <Stack gap="md" component="section" aria-label={texts.deployment.evidence}>
      <Group justify="space-between">
        <Group gap="md">
          <Title order={2} size="h4">
            {texts.deployment.evidence}
          </Title>
          <Legend slot="current" />
          <Legend slot="next" />
        </Group>
        <SegmentedControl
          size="xs"
          aria-label={texts.deployment.range}
          data={RANGES.map((value) => ({ value, label: texts.deployment.ranges[value] }))}
          value={range}
          onChange={(value) => {
            setRange(value);
          }}
        />
      </Group>
      {error !== null && (
        <ProblemNotice title={texts.deployment.statisticsFailed} error={error} onRetry={() => void refetch()} />
      )}
      {statistics === undefined ? (
        error === null && <ChartsSkeleton />
      ) : statistics.arms.length === 0 ? (
        <Paper withBorder px="md">
          <EmptyState>{texts.deployment.noFigures}</EmptyState>
        </Paper>
      ) : (
        <>
          <DifferenceTable deployment={deployment} statistics={statistics} range={range} />
          <Suspense fallback={<ChartsSkeleton />}>
            <ArmCharts deployment={deployment} statistics={statistics} events={events} now={now} />
          </Suspense>
        </>
      )}
    </Stack>
  );
}

/** How a slot is drawn everywhere: current solid, next dashed. */
function Legend({ slot }: { readonly slot: 'current' | 'next' }) {
  return (
    <Group gap={6}>
      <svg width="28" height="4" aria-hidden>
        <line
          x1="0"
          y1="2"
          x2="28"
          y2="2"
          stroke={`var(--${slot})`}
          strokeWidth="3"
          strokeDasharray={slot === 'next' ? '6 4' : undefined}
        />
      </svg>
      <Text size="sm">{texts.slots[slot]}</Text>
    </Group>
  );
}

function ChartsSkeleton() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} role="status" aria-busy aria-label={texts.loading}>
      {[1, 2, 3, 4].map((chart) => (
        <Skeleton key={chart} h={262} />
      ))}
    </SimpleGrid>
  );
}

interface DifferenceTableProps {
  readonly deployment: Deployment;
  readonly statistics: Statistics;
  readonly range: Range;
}

function DifferenceTable({ deployment, statistics, range }: DifferenceTableProps) {
  const current = armOf(statistics, 'current', deployment);
  const next = armOf(statistics, 'next', deployment);
  const counts = texts.differences.requests(formatCount(current?.requests ?? 0), formatCount(next?.requests ?? 0));
  return (
    <Paper withBorder p="md">
      <Table.ScrollContainer
        minWidth={480}
        type="native"
        tabIndex={0}
        aria-label={texts.differences.measure}
        role="group"
      >
        <Table verticalSpacing={6}>
          <Table.Caption ta="left">
            {texts.differences.caption(texts.deployment.ranges[range])} · {texts.differences.restsOn} {counts} ·{' '}
            {texts.measures.latencyHelp}
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.differences.measure}</Table.Th>
              <Table.Th ta="right">{texts.slots.current}</Table.Th>
              <Table.Th ta="right">{texts.slots.next}</Table.Th>
              <Table.Th ta="right">{texts.differences.difference}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {armDifferences(current, next).map((line) => (
              <Table.Tr key={line.measure}>
                <Table.Th scope="row" fw={400}>
                  {line.measure}
                </Table.Th>
                <Table.Td ta="right">{line.current}</Table.Td>
                <Table.Td ta="right">{line.next}</Table.Td>
                <Table.Td ta="right">
                  {line.difference === null ? (
                    <Text span size="sm" c="dimmed">
                      {texts.differences.tooFew}
                    </Text>
                  ) : (
                    <Text span size="sm" fw={line.better === false ? 700 : 400}>
                      {line.difference}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}
