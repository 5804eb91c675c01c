import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Measured } from './load';
import type { Latencies, UpdateUnderLoad } from './update-under-load';

export interface Row {
  readonly peer: string;
  readonly load: string;
  readonly round: number;
  readonly measured: Measured;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly update: UpdateUnderLoad;
  /** Peers that could not be measured, and why. */
  readonly missing: readonly string[];
  readonly loadGenerator: string;
  readonly seconds: number;
}

/** The page docs/benchmarks.md. */
export function report({ rows, update, missing, loadGenerator, seconds }: Report): string {
  const loads = [...new Set(rows.map(({ load }) => load))];
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which starts every server itself, checks that each answers right, and runs them in turn, twice.',
    'Compare the ratios, not the figures: the same machine is faster or slower from one hour to the next.',
    '',
    `Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. ` +
      `Load: ${loadGenerator}, ${seconds} s a figure, closed loop over loopback; the load generator shares the cores.`,
    '',
    ...loads.flatMap((load) =>
      table(
        load,
        rows.filter((row) => row.load === load),
      ),
    ),
    ...missing.map((line) => `Missing: ${line}.`),
    ...(missing.length > 0 ? [''] : []),
    ...describeUpdate(update),
  ].join('\n');
}

function table(load: string, rows: readonly Row[]): string[] {
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const [reference] = peers as [string];
  const lines = peers.map((peer) => {
    const own = rows.filter((row) => row.peer === peer);
    const rates = own.map(({ measured }) => measured.requestsPerSecond);
    const ratios = own.map((row) => row.measured.requestsPerSecond / rateOf(rows, reference, row.round));
    const p50 = own.map(({ measured }) => measured.p50Ms);
    const p99 = own.map(({ measured }) => measured.p99Ms);
    const failures = own.reduce((sum, { measured }) => sum + measured.failures, 0);
    return `| ${peer} | ${range(rates, 0)} | ${range(ratios, 3)} | ${range(p50, 2)} | ${range(p99, 1)} | ${failures} |`;
  });
  return [
    `## ${load[0]?.toUpperCase() ?? ''}${load.slice(1)}`,
    '',
    `| server | requests/s | of the ${reference} | p50 ms | p99 ms | failed |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    ...ratiosOfOurs(rows, peers),
    '',
  ];
}

/** Ours against each, round by round: what the goals are stated in. */
function ratiosOfOurs(rows: readonly Row[], peers: readonly string[]): string[] {
  const ours = rows.filter(({ peer }) => peer === 'Understudy');
  const parts = peers
    .filter((peer) => peer !== 'Understudy')
    .map((peer) => {
      const ratios = ours.map((row) => row.measured.requestsPerSecond / rateOf(rows, peer, row.round));
      return `${range(ratios, 2)} times ${peer}`;
    });
  return [`Understudy answers ${parts.join('; ')}.`];
}

function rateOf(rows: readonly Row[], peer: string, round: number): number {
  return rows.find((row) => row.peer === peer && row.round === round)?.measured.requestsPerSecond ?? NaN;
}

/** Both rounds, the lower first: `1,200-1,300`. */
function range(values: readonly number[], digits: number): string {
  const format = (value: number): string =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return format(low) === format(high) ? format(low) : `${format(low)}-${format(high)}`;
}

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
