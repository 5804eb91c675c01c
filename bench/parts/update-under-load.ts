import { predictionsOf, promote, rollBack, send, updateNext } from '../control';
import { againstGoal } from '../goals';
import { TWO_ROWS } from '../loads';
import { latencies, type Latencies, LATENCY_HEAD, latencyLine, OpenLoop, type Sent } from '../open-loop';
import type { Part } from '../part';
import { startUnderstudy } from '../peers';
import { BenchRegistry, publishLarge } from '../registry';

const REQUESTS_PER_SECOND = 400;
const LARGEST_MEGABYTES = 500;
const LARGE_MEGABYTES = 400;
/** Of the bundled ones none has it. */
const LARGE_VERSION = 9;
/** Before the update, and again after it: together about as long as the update takes. */
const STEADY_TIMES = 1.5;

/** What a steady load sees before, and while a large version is loaded, promoted and its predecessor ended. */
export const updateUnderLoad: Part = {
  name: 'update',
  about: 'a steady load while a model of 500 MB, and one of 400 MB, is loaded, promoted and ended',
  async measure({ root, seconds, rounds, say }) {
    const measured = async (megabytes: number): Promise<UpdateUnderLoad[]> => {
      const updates: UpdateUnderLoad[] = [];
      for (let round = 1; round <= rounds; round++) {
        const update = await measureUpdate(root, megabytes, seconds);
        say(`${megabytes} MB: ${latencyLine('steady', update.steady)} ${latencyLine('update', update.during)}`);
        updates.push(update);
      }
      return updates;
    };
    const largest = await measured(LARGEST_MEGABYTES);
    const large = await measured(LARGE_MEGABYTES);
    const figures = {
      'update-p99': largest.map(({ during, steady }) => during.p99Ms / steady.p99Ms),
      'update-slowest': large.map(({ byOthers }) => byOthers.maxMs),
    };
    return {
      lines: [
        '## Updating to a large model under load',
        '',
        `Two rows a request, ${REQUESTS_PER_SECOND} requests/s on the clock (open loop, timed from the moment a request was due). Meanwhile the large`,
        'version is fetched, loaded, warmed, promoted, taken back and ended. Every answer is compared with that of the version in current.',
        'Steady is before and after it. The large version is one matrix: a run of it takes some 40 ms for one request and 100 for sixteen, however',
        'it came into its slot. So the slowest request because of the update is the slowest that another version answered; p99 counts all.',
        '',
        ...describe(LARGEST_MEGABYTES, largest),
        againstGoal('update-p99', figures['update-p99']),
        '',
        ...describe(LARGE_MEGABYTES, large),
        againstGoal('update-slowest', figures['update-slowest']),
        '',
      ],
      figures,
    };
  },
};

interface UpdateUnderLoad {
  readonly steady: Latencies;
  readonly during: Latencies;
  /** Of those during the update: answered by the large version, and by any other. */
  readonly byLarge: Latencies;
  readonly byOthers: Latencies;
  readonly loadSeconds: number;
}

async function measureUpdate(root: string, megabytes: number, seconds: number): Promise<UpdateUnderLoad> {
  const registry = BenchRegistry.withBundledModels(root);
  const large = publishLarge(registry, LARGE_VERSION, megabytes);
  const server = await startUnderstudy({ root }, { UNDERSTUDY_REGISTRY_DIR: registry.path });
  const { url } = server;
  const right: number[][] = [[...TWO_ROWS.predictions]];
  const load = {
    ...TWO_ROWS,
    url: `${url}/predict`,
    requestsPerSecond: REQUESTS_PER_SECOND,
    isRight: (body: unknown) => right.some((one) => agree(predictionsOf(body), one)),
  };
  try {
    await new OpenLoop(load).runFor(2);
    const before = await new OpenLoop(load).runFor(STEADY_TIMES * seconds);
    const during = await new OpenLoop(load).runUntil(async () => {
      await updateNext(url, large);
      right.push(await answerOfNext(url));
      await promote(url);
      await rollBack(url);
      await updateNext(url, 'models:/tracking-quickstart/2');
    });
    const after = await new OpenLoop(load).runFor(STEADY_TIMES * seconds);
    const ofLarge = ({ version }: Sent): boolean => version === String(LARGE_VERSION);
    return {
      steady: latencies({ sent: [...before.sent, ...after.sent] }),
      during: latencies(during),
      byLarge: latencies({ sent: during.sent.filter(ofLarge) }),
      byOthers: latencies({ sent: during.sent.filter((one) => !ofLarge(one)) }),
      loadSeconds: during.seconds,
    };
  } finally {
    await server.stop();
    registry.remove();
  }
}

async function answerOfNext(url: string): Promise<number[]> {
  const body = JSON.parse(TWO_ROWS.body) as object;
  const answer = await send(`${url}/predict`, body, { headers: { 'X-Model-Slot': 'next' } });
  const predictions = predictionsOf(answer.body);
  if (!Array.isArray(predictions)) throw new Error(`next answered ${JSON.stringify(answer)}`);
  return predictions as number[];
}

/** Floats of one row may differ in their last digits with the rows that shared its run. */
const TOLERANCE = 1e-3;

const agree = (found: unknown, wanted: readonly number[]): boolean =>
  Array.isArray(found) &&
  found.length === wanted.length &&
  wanted.every((value, index) => Math.abs(Number(found[index]) - value) <= TOLERANCE * Math.max(1, Math.abs(value)));

const describe = (megabytes: number, updates: readonly UpdateUnderLoad[]): string[] => [
  ...LATENCY_HEAD,
  ...updates.flatMap(({ steady, during, byLarge, byOthers, loadSeconds }) => [
    latencyLine('steady', steady),
    latencyLine(`during the update to ${megabytes} MB, ${loadSeconds.toFixed(1)} s`, during),
    latencyLine('of which the large version answered', byLarge),
    latencyLine('of which another version answered', byOthers),
  ]),
  '',
];
