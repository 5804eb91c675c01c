import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Footprint } from './footprint';
import type { IrisResults, Row } from './iris';
import { WHAT_LIMITS_IT } from './limits';
import type { Measured } from './load';
import type { TensorRow } from './tensors';
import type { Latencies, UpdateUnderLoad } from './update-under-load';

export interface Report {
  readonly footprint: Footprint;
  readonly iris: IrisResults;
  readonly tensors: readonly TensorRow[];
  readonly update: UpdateUnderLoad;
  readonly loadGenerator: string;
  readonly seconds: number;
}

/** A line of a table: one server, in every round. */
interface Series {
  readonly name: string;
  /** How it was asked; what is asked in another way is no comparison. */
  readonly path: string;
  readonly byRound: ReadonlyMap<number, Measured>;
}

/** The page docs/benchmarks.md. */
export function report({ footprint, iris, tensors, update, loadGenerator, seconds: each }: Report): string {
  const loads = [...new Set(iris.rows.map(({ load }) => load))];
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which starts every server itself, checks that each answers right, and runs them in turn, twice.',
    'Compare the ratios, not the figures: the same machine is faster or slower from one hour to the next.',
    '',
    `Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. ` +
      `Load: ${loadGenerator}, ${each} s a figure, closed loop over loopback; the load generator shares the cores.`,
    '',
    ...describeFootprint(footprint),
    ...loads.flatMap((load) => [
      `## ${capital(load)}`,
      '',
      ...table(seriesOf(iris.rows.filter((row) => row.load === load))),
    ]),
    ...iris.missing.map((line) => `Missing: ${line}.`),
    ...(iris.missing.length > 0 ? [''] : []),
    '## An image of 602,112 bytes, 4 connections',
    '',
    ...table(toSeries(tensors)),
    ...describeUpdate(update),
    ...WHAT_LIMITS_IT,
  ].join('\n');
}

const PATHS = { predict: '/predict', invocations: '/invocations', v2: '/v2' } as const;

const seriesOf = (rows: readonly Row[]): Series[] =>
  toSeries(rows.map(({ peer, form, round, measured }) => ({ name: `${peer}, ${PATHS[form]}`, round, measured })));

function toSeries(rows: readonly TensorRow[]): Series[] {
  const byName = new Map<string, Map<number, Measured>>();
  for (const { name, round, measured } of rows) {
    const byRound = byName.get(name) ?? new Map<number, Measured>();
    byName.set(name, byRound.set(round, measured));
  }
  return [...byName].map(([name, byRound]) => ({ name, path: /, (\/\w+)$/.exec(name)?.[1] ?? '', byRound }));
}

/** Rates as ratios to the first line's and, round by round, what each of ours is to every other. */
function table(series: readonly Series[]): string[] {
  const [reference] = series as [Series];
  const lines = series.map((own) => {
    const measured = [...own.byRound.values()];
    const rates = measured.map(({ requestsPerSecond }) => requestsPerSecond);
    const p50 = measured.map(({ p50Ms }) => p50Ms);
    const p99 = measured.map(({ p99Ms }) => p99Ms);
    const failures = measured.reduce((sum, one) => sum + one.failures, 0);
    return `| ${own.name} | ${range(rates, 0)} | ${range(ratios(own, reference), 3)} | ${range(p50, 2)} | ${range(p99, 1)} | ${failures} |`;
  });
  const ours = series.filter(({ name }) => name.startsWith('Understudy'));
  const others = series.filter(({ name }) => !name.startsWith('Understudy'));
  return [
    `| server | requests/s | of the first | p50 ms | p99 ms | failed |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    ...ours.map((own) => {
      const asked = others.filter((other) => other.path === own.path);
      return `- ${own.name}: ${asked.map((other) => `${range(ratios(own, other), 2)} × ${other.name}`).join('; ')}`;
    }),
    '',
  ];
}

const ratios = (own: Series, other: Series): number[] =>
  [...own.byRound].map(
    ([round, { requestsPerSecond }]) => requestsPerSecond / (other.byRound.get(round)?.requestsPerSecond ?? NaN),
  );

/** Both rounds, the lower first: `1,200-1,300`. */
function range(values: readonly number[], digits: number): string {
  const format = (value: number): string =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return format(low) === format(high) ? format(low) : `${format(low)}-${format(high)}`;
}

const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

function describeFootprint({ firstStartMs, laterStartMs, processes }: Footprint): string[] {
  const total = processes?.reduce((sum, { megabytes }) => sum + megabytes, 0);
  return [
    '## Start and memory',
    '',
    `From the start of the process to the first right prediction: ${seconds(firstStartMs)} with an empty data folder, ${seconds(laterStartMs)} when it was started before.`,
    ...(processes === null || total === undefined
      ? []
      : [
          '',
          `Idle with two Iris versions: ${total.toFixed(0)} MB (${processes.map(({ name, megabytes }) => `${name} ${megabytes.toFixed(0)}`).join(', ')}; proportional set size).`,
        ]),
    '',
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function describeUpdate({ megabytes, steady, during, loadSeconds }: UpdateUnderLoad): string[] {
  const line = (name: string, { requests, failures, p50Ms, p99Ms, maxMs }: Latencies): string =>
    `| ${name} | ${requests} | ${failures} | ${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${maxMs.toFixed(1)} |`;
  return [
    `## Updating to a model of ${megabytes} MB under load`,
    '',
    'Two rows a request, 400 requests/s on the clock (open loop, timed from the moment a request was due). Meanwhile the large version',
    `is fetched, loaded, warmed, promoted, taken back and ended, in ${loadSeconds.toFixed(1)} s.`,
    '',
    '| | requests | failed | p50 ms | p99 ms | slowest ms |',
    '| --- | --- | --- | --- | --- | --- |',
    line('steady', steady),
    line('while the version changes', during),
    '',
  ];
}
