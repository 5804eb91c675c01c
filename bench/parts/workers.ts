import { readFileSync } from 'node:fs';
import { measure } from '../load';
import { checkedLoad, FORMS, type IrisLoad } from '../loads';
import type { Part } from '../part';
import { startUnderstudy } from '../peers';

/** Processor time that a prediction costs, in microseconds, in each kind of process. */
interface CoreCosts {
  /** In the one serving process; with workers, in all of them together. */
  readonly servingUs: number;
  readonly controlUs: number;
  readonly runnerUs: number;
}

interface Cores {
  readonly one: CoreCosts;
  readonly twoWorkers: CoreCosts;
}

/** Until the code of every process is compiled as it will be. */
const WARM_UP_SECONDS = 3;
const LOAD: IrisLoad = { rows: 2, connections: 32 };

interface Status {
  readonly current: { readonly runner: { readonly pid: number } };
  readonly workers: readonly { readonly pid: number; readonly ready: boolean }[];
}

/** What a prediction costs with one serving process and with two workers. Its section stands in the notes of the page. */
export const workers: Part = {
  name: 'workers',
  about: 'processor time of a prediction, with one serving process and with two workers',
  onlyByName: true,
  async measure({ root, seconds, rounds, say }) {
    if (process.platform !== 'linux')
      return { lines: [], figures: {}, missing: ['what more cores would give: Linux alone tells what processes cost'] };
    const one: CoreCosts[] = [];
    const twoWorkers: CoreCosts[] = [];
    for (let round = 0; round < rounds; round++) {
      one.push(await costsWith(root, 1, seconds));
      twoWorkers.push(await costsWith(root, 2, seconds));
      say(`round ${round + 1}: ${JSON.stringify([one[round], twoWorkers[round]])}`);
    }
    return { lines: describe({ one: least(one), twoWorkers: least(twoWorkers) }), figures: {} };
  },
};

/** What else the machine does adds to the cost, never takes from it. */
function least(rounds: readonly CoreCosts[]): CoreCosts {
  const of = (kind: keyof CoreCosts): number => Math.min(...rounds.map((costs) => costs[kind]));
  return { servingUs: of('servingUs'), controlUs: of('controlUs'), runnerUs: of('runnerUs') };
}

async function costsWith(root: string, count: number, seconds: number): Promise<CoreCosts> {
  const server = await startUnderstudy({ root }, { UNDERSTUDY_WORKERS: String(count) });
  try {
    const load = await checkedLoad(server.url, 'predict', LOAD);
    const url = `${server.url}${FORMS.predict.path}`;
    let status = await statusOf(server.url);
    while (count > 1 && status.workers.filter(({ ready }) => ready).length < count) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      status = await statusOf(server.url);
    }
    await measure(url, load, WARM_UP_SECONDS);
    const pids = {
      control: server.pid,
      runner: status.current.runner.pid,
      workers: status.workers.map(({ pid }) => pid),
    };
    const before = microsecondsOf(pids);
    const { requestsPerSecond } = await measure(url, load, seconds);
    const after = microsecondsOf(pids);
    const each = (kind: keyof typeof after): number => (after[kind] - before[kind]) / (requestsPerSecond * seconds);
    return {
      servingUs: count === 1 ? each('control') : each('workers'),
      controlUs: count === 1 ? 0 : each('control'),
      runnerUs: each('runner'),
    };
  } finally {
    await server.stop();
  }
}

const statusOf = async (url: string): Promise<Status> => (await (await fetch(`${url}/status`)).json()) as Status;

function microsecondsOf({
  control,
  runner,
  workers,
}: {
  readonly control: number;
  readonly runner: number;
  readonly workers: readonly number[];
}) {
  return {
    control: processorUs(control),
    runner: processorUs(runner),
    workers: workers.reduce((sum, pid) => sum + processorUs(pid), 0),
  };
}

/** Linux counts in hundredths of a second. */
function processorUs(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  return (Number(user) + Number(system)) * 10_000;
}

/** Predictions a second of `serving` serving processes and `runners` runners, where each has a core of its own. */
const rateOf = ({ servingUs, runnerUs }: CoreCosts, serving: number, runners: number): number =>
  1e6 / Math.max(servingUs / serving, runnerUs / runners);

/** The section of the page. Two cores cannot show what more would give: it is computed from what a prediction costs. */
function describe({ one, twoWorkers }: Cores): string[] {
  const { rows, connections } = LOAD;
  const us = (value: number): string => value.toFixed(0);
  const line = (name: string, { servingUs, controlUs, runnerUs }: CoreCosts): string =>
    `| ${name} | ${us(servingUs)} | ${us(controlUs)} | ${us(runnerUs)} |`;
  const times = (serving: number, runners: number): string =>
    (rateOf(twoWorkers, serving, runners) / rateOf(one, 1, 1)).toFixed(1);
  return [
    '## What more cores would give',
    '',
    `Processor time of a prediction (${rows} rows, ${connections} connections, /predict), in microseconds, the least of the rounds:`,
    '',
    '| | serving | control process | runner |',
    '| --- | --- | --- | --- |',
    line('one serving process', one),
    line('two workers', twoWorkers),
    '',
    'The model: with a core for each process, n workers (UNDERSTUDY_WORKERS) and m runners (UNDERSTUDY_RUNNERS) answer',
    'min(n / serving, m / runner) predictions a second; the control process only hands connections over. Batches grow with load, so the',
    'share of the runner falls where a runner is the limit; what the cores share (memory, caches, the kernel) is left out. A slow model',
    'has a large runner share: there runners help, not workers. Of the rate of one serving process with one runner this gives',
    '',
    '| workers | 1 runner | 2 runners |',
    '| --- | --- | --- |',
    ...[2, 4, 8].map((count) => `| ${count} | ${times(count, 1)} × | ${times(count, 2)} × |`),
    '',
  ];
}
