import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../../bench/memory';
import { make } from '../api';
import { type Finding, type Gate, type GateContext, nothingWrong } from '../gate';
import { describeFailure, type Prediction, PredictionLoad } from '../load';
import { Server } from '../server';
import { URI, Workplace } from '../workplace';

const REQUESTS_PER_SECOND = 100;
/** Current, next and previous are three at most, so that each swap loads one anew. */
const VERSIONS = 4;
/** Never told to the timeline: the planted fault loads it. */
const SECRET_VERSION = VERSIONS + 1;
/** Until code is compiled and pools are filled; what comes after is growth. */
const WARM_UP_SWAPS = 20;
const MOST_GROWTH_MIB = 32;

/** Hot swaps under an open-loop load. */
export const swaps: Gate = {
  name: 'swaps',
  about: 'hot swaps under an open-loop load',
  how:
    'Predictions leave on the clock, 100 a second at a split of one half, while four versions, each of which answers with its own number, ' +
    'are loaded and promoted in turn. Each answer must come from the version that it names, and that version must have been in a slot at ' +
    'some moment between request and answer. Memory is that of the serving process, from after 20 swaps to the end: the least of 12 s ' +
    'without load, since V8 collects what is garbage after 8.',
  rounds: { whole: 1_000, short: 50 },
  sabotages: ['swaps', 'versions'],
  async judge(context) {
    const workplace = new Workplace(SECRET_VERSION);
    const server = await Server.start(workplace.environment);
    try {
      return await judgeSwaps(context, server);
    } finally {
      await server.stop();
      workplace.remove();
    }
  },
};

async function judgeSwaps({ rounds, sabotage, say }: GateContext, server: Server): Promise<Finding[]> {
  const swapper = new Swapper(server.url);
  await make(server.url, { kind: 'set-split', canaryProbability: 0.5 }, 'both slots answer');
  const warmUp = new PredictionLoad({ url: server.url, requestsPerSecond: REQUESTS_PER_SECOND });
  for (let swap = 1; swap <= WARM_UP_SWAPS; swap++) await swapper.swap();
  const before = [...(await warmUp.end())];
  const firstMiB = await settledMiB(server);
  const load = new PredictionLoad({
    url: server.url,
    requestsPerSecond: REQUESTS_PER_SECOND,
    ...(sabotage === 'swaps' ? { dropped: 50 } : {}),
  });
  for (let swap = 1; swap <= rounds; swap++) {
    await swapper.swap();
    if (sabotage === 'versions' && swap === 2) await swapper.loadSecretly();
    if (swap % 50 === 0) say(`${swap} of ${rounds} swaps`);
  }
  const predictions = [...before, ...(await load.end())];
  const grownMiB = (await settledMiB(server)) - firstMiB;
  const answered = predictions.filter(({ status }) => status === 200);
  const of = `of ${predictions.length} predictions (${rounds} swaps)`;
  const failed = predictions.filter(({ status }) => status !== 200).map(describeFailure);
  const stray = answered.filter((prediction) => !swapper.mayAnswer(prediction)).map(describeStray);
  return [
    nothingWrong('hot swaps: failed predictions', '0', of, failed),
    nothingWrong('hot swaps: answers from a version that was in no slot at that moment', '0', of, stray),
    {
      measure: 'hot swaps: growth of the memory of the server',
      goal: `under ${MOST_GROWTH_MIB} MiB`,
      figure: Number.isNaN(grownMiB)
        ? 'only Linux tells it'
        : `${grownMiB.toFixed(1)} MiB (from ${firstMiB.toFixed(0)} MiB)`,
      reached: grownMiB < MOST_GROWTH_MIB,
    },
  ];
}

const describeStray = ({ version, body, leftMs, endedMs }: Prediction): string =>
  `version ${version ?? '-'} answered ${body.slice(0, 100)} within ${(endedMs - leftMs).toFixed(0)} ms`;

/** When a version was in current or next: from before it was asked for until after its successor was promoted. */
interface Stay {
  readonly version: number;
  readonly fromMs: number;
  toMs: number;
}

class Swapper {
  private readonly stays: Stay[] = [{ version: 1, fromMs: 0, toMs: Infinity }];

  constructor(private readonly url: string) {}

  async swap(): Promise<void> {
    const leaving = this.stays.at(-1) as Stay;
    const version = (leaving.version % VERSIONS) + 1;
    this.stays.push({ version, fromMs: performance.now(), toMs: Infinity });
    await make(this.url, { kind: 'load-next', uri: URI(version) }, 'swap');
    await make(this.url, { kind: 'promote' }, 'swap');
    leaving.toMs = performance.now();
  }

  async loadSecretly(): Promise<void> {
    await make(this.url, { kind: 'load-next', uri: URI(SECRET_VERSION) }, 'planted');
    await sleep(500);
  }

  /** Whether the version that says it answered did, and was in a slot at some moment of the request. */
  mayAnswer({ version, body, leftMs, endedMs }: Prediction): boolean {
    const answered = Number(version?.split('/').at(-1));
    const { predictions } = JSON.parse(body) as { predictions: number[] };
    return (
      predictions[0] === answered &&
      this.stays.some((stay) => stay.version === answered && stay.fromMs <= endedMs && stay.toMs >= leftMs)
    );
  }
}

const LOOKS = 60;
const LOOK_PERIOD_MS = 200;

/** Memory of the serving process, the lowest of some looks: garbage is no growth, and V8 lets it lie until nothing is asked for 8 s. */
async function settledMiB({ process: { pid } }: Server): Promise<number> {
  let lowest = NaN;
  for (let look = 0; look < LOOKS; look++) {
    await sleep(LOOK_PERIOD_MS);
    const megabytes = memoryOf(pid)?.[0]?.megabytes ?? NaN;
    if (!(megabytes > lowest)) lowest = megabytes;
  }
  return (lowest * 1e6) / 2 ** 20;
}
