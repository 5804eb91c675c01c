import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Histogram } from '../observation/histogram';
import { METRICS, type MetricName } from './definitions';

type Labels = Readonly<Record<string, string>>;

/** One series of a metric as it is now; for a histogram the values are divided by `divisor` to come to base units. */
export type Sample =
  | { readonly labels: Labels; readonly value: number }
  | {
      readonly labels: Labels;
      readonly histogram: Histogram;
      readonly bounds: readonly number[];
      readonly divisor: number;
    };

export type Readers = Readonly<Record<MetricName, () => Iterable<Sample>>>;

interface ExportedValue {
  readonly metricName?: string;
  readonly labels: Record<string, string | number>;
  readonly value: number;
}

/** prom-client's default metrics whose names break the conventions (`_total` on what goes up and down); Node deprecates them too. */
const BADLY_NAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
] as const;

/**
 * The metrics for Prometheus: our own are read from what counts anyway at the moment of a scrape, so that nothing else on the path of
 * predictions knows of them; beside them what prom-client tells of the process.
 */
export class MetricsRegistry {
  private readonly registry = new Registry();

  constructor(readers: Readers) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of BADLY_NAMED) this.registry.removeSingleMetric(name);
    for (const name of Object.keys(METRICS) as MetricName[]) this.register(name, readers[name]);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async text(): Promise<string> {
    return this.registry.metrics();
  }

  private register(name: MetricName, read: () => Iterable<Sample>): void {
    const { help, type } = METRICS[name];
    const get = async (): Promise<object> => ({ name, help, type, aggregator: 'sum', values: exported(name, read()) });
    // Whatever has a name and can be got is a metric to the registry; its types know only those that count by themselves.
    const metric: unknown = { name, help, type, get, reset: () => undefined };
    this.registry.registerMetric(metric as Parameters<Registry['registerMetric']>[0]);
  }
}

function exported(name: string, samples: Iterable<Sample>): ExportedValue[] {
  const values: ExportedValue[] = [];
  for (const sample of samples) {
    if ('value' in sample) values.push({ labels: { ...sample.labels }, value: sample.value });
    else values.push(...exportedHistogram(name, sample));
  }
  return values;
}

function exportedHistogram(
  name: string,
  { labels, histogram, bounds, divisor }: Extract<Sample, { histogram: Histogram }>,
): ExportedValue[] {
  const values: ExportedValue[] = [];
  let cumulative = 0;
  let at = 0;
  for (const bound of bounds) {
    for (; at < histogram.bounds.length && (histogram.bounds[at] as number) <= bound; at++)
      cumulative += histogram.counts[at] as number;
    values.push({ metricName: `${name}_bucket`, labels: { ...labels, le: bound / divisor }, value: cumulative });
  }
  const { count, sum } = histogram;
  values.push({ metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count });
  values.push({ metricName: `${name}_sum`, labels: { ...labels }, value: sum / divisor });
  values.push({ metricName: `${name}_count`, labels: { ...labels }, value: count });
  return values;
}
