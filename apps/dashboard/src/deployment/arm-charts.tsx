import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Group, Paper, SegmentedControl, SimpleGrid, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { AuditEvent, Deployment, Statistics } from '../api/types';
import { ChartFrame } from '../components/chart-frame';
import { formatDuration, formatPoint, formatRate, formatShare } from '../format';
import { describeEvent } from '../history/describe-event';
import { texts } from '../texts/en';
import { armOf, type ChartPoint, chartPoints, type Mark, marksOf, type Percentile, predictionShares } from './arms';

interface ArmChartsProps {
  readonly deployment: Deployment;
  readonly statistics: Statistics;
  readonly events: readonly AuditEvent[];
  /** Until when they are drawn, in milliseconds since 1970. */
  readonly now: number;
}

const PERCENTILES: readonly Percentile[] = ['p50', 'p95', 'p99'];

/** Both arms on one axis each: current solid, next dashed, a numbered line where something was changed. */
export function ArmCharts({ deployment, statistics, events, now }: ArmChartsProps) {
  const [percentile, setPercentile] = useState<Percentile>('p99');
  const points = chartPoints(statistics, percentile, new Date(now));
  const marks = marksOf(events, statistics);
  const shares = predictionShares(armOf(statistics, 'current', deployment), armOf(statistics, 'next', deployment));
  const { classNames = null } = deployment.actual.current ?? {};
  const lines = { points, marks, days: statistics.stepMinutes >= 60 };
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel title={texts.measures.rate}>
          <Lines {...lines} measure="Rate" label={texts.measures.rate} format={formatRate} />
        </Panel>
        <Panel title={texts.measures.errorShare}>
          <Lines {...lines} measure="Errors" label={texts.measures.errors} format={formatShare} />
        </Panel>
        <Panel
          title={texts.measures[percentile]}
          aside={
            <SegmentedControl
              size="xs"
              aria-label={texts.deployment.percentile}
              data={PERCENTILES.map((value) => ({ value, label: value }))}
              value={percentile}
              onChange={(value) => {
                setPercentile(value);
              }}
            />
          }
        >
          <Lines {...lines} measure="Latency" label={texts.measures[percentile]} format={formatDuration} />
        </Panel>
        <Panel title={texts.measures.predictions}>
          <ChartFrame label={texts.measures.predictions}>
            <BarChart
              h={HEIGHT}
              data={shares.map((share) => ({ ...share, answer: classNames?.[Number(share.answer)] ?? share.answer }))}
              dataKey="answer"
              series={[
                { name: 'current', label: texts.slots.current, color: 'var(--current)' },
                { name: 'next', label: texts.slots.next, color: 'var(--next)' },
              ]}
              valueFormatter={formatShare}
              yAxisProps={{ domain: [0, 1], width: 52 }}
              barChartProps={{ accessibilityLayer: false }}
              barProps={{ isAnimationActive: false, maxBarSize: 36 }}
              tickLine="none"
            />
          </ChartFrame>
        </Panel>
      </SimpleGrid>
      {marks.length > 0 && (
        <Text size="sm" c="dimmed">
          {texts.deployment.marks} {marks.map(({ number, event }) => `${number} ${describeEvent(event)}`).join(' · ')}
        </Text>
      )}
    </>
  );
}

const HEIGHT = 190;

/** An axis never shows less than this, so that noise does not look like a mountain. */
const LEAST = { Rate: 0.1, Errors: 0.02, Latency: 1 } as const;

interface LinesProps {
  readonly points: readonly ChartPoint[];
  readonly marks: readonly Mark[];
  readonly measure: 'Rate' | 'Errors' | 'Latency';
  readonly label: string;
  readonly days: boolean;
  readonly format: (value: number) => string;
}

function Lines({ points, marks, measure, label, days, format }: LinesProps) {
  const first = points[0]?.at ?? 0;
  const last = points.at(-1)?.at ?? 1;
  return (
    <ChartFrame label={texts.deployment.chart(label)}>
      <LineChart
        h={HEIGHT}
        data={points.map((point) => ({ ...point }))}
        dataKey="at"
        series={[
          { name: `current${measure}`, label: texts.slots.current, color: 'var(--current)' },
          { name: `next${measure}`, label: texts.slots.next, color: 'var(--next)', strokeDasharray: '5 4' },
        ]}
        dotProps={{ r: 2, strokeWidth: 0 }}
        activeDotProps={{ r: 4 }}
        curveType="linear"
        connectNulls={false}
        strokeWidth={2}
        tickLine="none"
        valueFormatter={format}
        yAxisProps={{ width: 62, domain: [0, (most: number) => Math.max(most, LEAST[measure])], tickCount: 4 }}
        xAxisProps={{
          type: 'number',
          scale: 'time',
          domain: [first, last],
          tickFormatter: (at: number) => formatPoint(new Date(at), days),
          minTickGap: 40,
        }}
        referenceLines={marks.map(({ number, at }) => ({
          x: Math.min(last, Math.max(first, at)),
          label: String(number),
          color: 'gray.6',
        }))}
        lineProps={{ isAnimationActive: false }}
        lineChartProps={{ accessibilityLayer: false }}
        tooltipProps={{ labelFormatter: (at) => formatPoint(new Date(Number(at)), days) }}
      />
    </ChartFrame>
  );
}

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

function Panel({ title, aside, children }: PanelProps) {
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm" mih={30}>
        <Title order={3} size="sm">
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Paper>
  );
}
