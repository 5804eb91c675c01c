import { tableModel } from '../../test/support/onnx/models';
import { predictionsOf, promote, updateNext } from '../control';
import { againstGoal, type Figures } from '../goals';
import { TWO_ROWS } from '../loads';
import { describeMemory, memoryOf, type ProcessMemory, totalMegabytes } from '../memory';
import { latencies, LATENCY_HEAD, latencyLine, OpenLoop, type OpenLoopResult } from '../open-loop';
import type { BenchContext, Part } from '../part';
import { startUnderstudy } from '../peers';
import { BenchRegistry } from '../registry';

const MEGABYTES = 50;
const REQUESTS_PER_SECOND = 100;
/** Current, previous and the one that comes: with three in turn every swap loads one anew, for the oldest has ended. */
const VERSIONS = 3;

/** Hot swaps of a large model under a steady load: what memory is left with. */
export const swaps: Part = {
  name: 'swaps',
  about: `hot swaps of a model of ${MEGABYTES} MB: memory after the last and after the first`,
  async measure(context) {
    const { first, last, load } = await measureSwaps(context);
    const figures: Figures =
      first === null || last === null ? {} : { 'swaps-memory': [totalMegabytes(last) / totalMegabytes(first)] };
    const values = figures['swaps-memory'];
    return {
      lines: [
        `## ${context.swaps} hot swaps of a model of ${MEGABYTES} MB`,
        '',
        `Each loads one of ${VERSIONS} versions into next and promotes it, under ${REQUESTS_PER_SECOND} requests/s on the clock, whose answers are compared. Current and`,
        'previous stay warm, so there are two runners. Proportional set size, the lowest of 12 s without load: V8 collects what is garbage after 8.',
        '',
        ...LATENCY_HEAD,
        latencyLine(`during all swaps, ${load.seconds.toFixed(1)} s`, latencies(load)),
        '',
        ...(first === null || last === null || values === undefined
          ? ['Memory is not measured: only Linux tells it.']
          : [
              `- after the first swap: ${describeMemory(first)}`,
              `- after swap ${context.swaps}: ${describeMemory(last)}`,
              againstGoal('swaps-memory', values),
            ]),
        '',
      ],
      figures,
      missing: values === undefined ? ['memory after hot swaps: only Linux tells it'] : [],
    };
  },
};

type Memory = readonly ProcessMemory[] | null;

interface Swapped {
  readonly first: Memory;
  readonly last: Memory;
  readonly load: OpenLoopResult;
}

async function measureSwaps({ root, swaps: count, say }: BenchContext): Promise<Swapped> {
  const registry = new BenchRegistry();
  const uris = Array.from({ length: VERSIONS }, (_, label) =>
    registry.publish('large', label + 1, tableModel(label, MEGABYTES * 1_000_000)),
  );
  const uri = (swap: number): string => uris[swap % VERSIONS] as string;
  const server = await startUnderstudy(
    { root },
    { UNDERSTUDY_REGISTRY_DIR: registry.path, UNDERSTUDY_MODEL_URI: uri(0) },
  );
  let label = 0;
  const load = {
    ...TWO_ROWS,
    url: `${server.url}/predict`,
    requestsPerSecond: REQUESTS_PER_SECOND,
    // The version before the last change may still answer what came before it.
    isRight: (body: unknown) =>
      [label, label + VERSIONS - 1].some(
        (one) => JSON.stringify(predictionsOf(body)) === JSON.stringify([one % VERSIONS, one % VERSIONS]),
      ),
  };
  const swapTo = async (swap: number): Promise<void> => {
    await updateNext(server.url, uri(swap));
    label = swap % VERSIONS;
    await promote(server.url);
  };
  try {
    await new OpenLoop(load).runFor(LOAD_BEFORE_SECONDS);
    await swapTo(1);
    const first = await settledMemory(server.pid);
    const swapped = await new OpenLoop(load).runUntil(async () => {
      for (let swap = 2; swap <= count; swap++) {
        await swapTo(swap);
        if (swap % 10 === 0) say(`${swap} of ${count} swaps`);
      }
    });
    return { first, last: await settledMemory(server.pid), load: swapped };
  } finally {
    await server.stop();
    registry.remove();
  }
}

/** What V8 compiles and learns under load is there before the first swap, and not counted as what swaps leave behind. */
const LOAD_BEFORE_SECONDS = 20;

const LOOKS = 60;
const LOOK_PERIOD_MS = 200;

/** The lowest of some looks: a runner that is ending and garbage, which V8 lets lie until nothing is asked for 8 s, are no growth. */
async function settledMemory(pid: number): Promise<Memory> {
  let lowest: Memory = null;
  for (let look = 0; look < LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_PERIOD_MS));
    const now = memoryOf(pid);
    if (now === null) return null;
    if (lowest === null || totalMegabytes(now) < totalMegabytes(lowest)) lowest = now;
  }
  return lowest;
}
