import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { ChartFrame } from '../components/chart-frame';
import { formatMetric } from '../format';
import { texts } from '../texts/en';
import type { ComparedLine } from './compare';

interface MetricChartsProps {
  /** `v1`, `v2`: in the order of the lines' values. */
  readonly versions: readonly string[];
  readonly lines: readonly ComparedLine[];
}

const MOST_CHARTS = 6;

/** A small chart for each metric that differs, each with an axis of its own: an accuracy and a loss share no scale. */
export default function MetricCharts({ versions, lines }: MetricChartsProps) {
  const drawn = lines.filter(({ differs, values }) => differs && values.some((value) => typeof value === 'number'));
  return (
    <Stack gap="xs" mt="md">
      <Title order={4} size="h6">
        {texts.registry.charts}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {drawn.slice(0, MOST_CHARTS).map(({ name, values }) => (
          <ChartFrame key={name} label={texts.registry.chartOf(name)}>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Text>
            <BarChart
              h={170}
              data={versions.map((version, index) => ({ version, [name]: values[index] }))}
              dataKey="version"
              series={[{ name, color: 'var(--current)' }]}
              valueFormatter={formatMetric}
              withBarValueLabel
              withTooltip={false}
              maxBarWidth={36}
              gridAxis="none"
              yAxisProps={{ width: 44 }}
              barChartProps={{ accessibilityLayer: false, margin: { top: 18 } }}
              barProps={{ isAnimationActive: false }}
            />
          </ChartFrame>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
