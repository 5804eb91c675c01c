import {
  countingModel,
  crashingRowsModel,
  CRASHES_ON,
  endlessModel,
  greedyModel,
  hungryModel,
} from '../../test/support/onnx/misbehaving-models';
import { predictionsOf, send } from '../control';
import { number } from '../format';
import { againstGoal } from '../goals';
import { TWO_ROWS } from '../loads';
import { latencies, LATENCY_HEAD, latencyLine, OpenLoop } from '../open-loop';
import type { BenchContext, Part } from '../part';
import { startUnderstudy } from '../peers';
import { BenchRegistry } from '../registry';

const REQUESTS_PER_SECOND = 100;
const MIB = 1024 * 1024;
const LIMITS = {
  UNDERSTUDY_LOAD_TIMEOUT_MS: '3000',
  UNDERSTUDY_RUN_TIMEOUT_MS: '1000',
  UNDERSTUDY_RUNNER_MEMORY_BYTES: String(512 * MIB),
} as const;
/** Floats that fill more than a runner may have, and less than it may ask for in one piece. */
const TOO_MANY_FLOATS = (800 * MIB) / 4;
const FLOATS_OF_20_GB = 5e9;
const FOR_EVER = 1e12;

/** A model that misbehaves: while it is loaded, or, where there is an element to ask it with, when it is asked. */
interface Candidate {
  readonly does: string;
  readonly model: Uint8Array;
  readonly askedWith?: number;
}

/** Divisions that end a process on x86 have a result elsewhere. */
const CRASHES: readonly Candidate[] =
  process.arch === 'x64'
    ? [
        { does: 'crashes when it is loaded', model: crashingRowsModel('loaded') },
        { does: 'crashes at its first run', model: crashingRowsModel('first-run') },
        { does: 'crashes when it is asked', model: crashingRowsModel('asked'), askedWith: CRASHES_ON },
      ]
    : [];

const CANDIDATES: readonly Candidate[] = [
  ...CRASHES,
  { does: 'hangs at its first run', model: endlessModel() },
  { does: 'hangs when it is asked', model: countingModel(-1, 4), askedWith: FOR_EVER },
  { does: 'fills memory at its first run', model: greedyModel(TOO_MANY_FLOATS) },
  { does: 'asks for 20 GB at its first run', model: greedyModel(FLOATS_OF_20_GB) },
  { does: 'fills memory when it is asked', model: hungryModel(4), askedWith: TOO_MANY_FLOATS },
];

/** What became of one candidate. */
interface Ended {
  readonly does: string;
  /** How the server refused it or its request. */
  readonly status: number;
  /** From then until another version had been loaded into next and had answered. */
  readonly usableAfterMs: number;
}

/** Candidates that crash, hang or eat memory in next, under load on current. */
export const candidates: Part = {
  name: 'candidates',
  about: 'candidates that crash, hang or eat memory in next, under load on current',
  async measure(context) {
    const { ended, load } = await measureCandidates(context);
    const { failures } = load;
    const usable = Math.max(...ended.map(({ usableAfterMs }) => usableAfterMs)) / 1000;
    const figures = { 'candidates-failed': [failures], 'candidates-usable': [usable] };
    return {
      lines: [
        `## ${context.candidates} candidates that misbehave in next`,
        '',
        `One after the other, while current answers ${REQUESTS_PER_SECOND} requests/s on the clock, each answer compared. The deadlines are set low, for each hang takes`,
        `its whole deadline (${Object.entries(LIMITS)
          .map(([name, value]) => `\`${name}=${value}\``)
          .join(', ')}). After each, another version is`,
        'loaded into next and asked; the time is from the refusal of the candidate, or of the request that it failed on, until that answer.',
        '',
        '| the candidate | times | refused with | until next is usable again, s |',
        '| --- | --- | --- | --- |',
        ...CANDIDATES.map(({ does }) => describe(does, ended)).filter((line) => line !== undefined),
        '',
        ...LATENCY_HEAD,
        latencyLine('on current meanwhile', load),
        '',
        againstGoal('candidates-failed', figures['candidates-failed']),
        againstGoal('candidates-usable', figures['candidates-usable']),
        '',
      ],
      figures,
    };
  },
};

function describe(does: string, all: readonly Ended[]): string | undefined {
  const ended = all.filter((one) => one.does === does);
  if (ended.length === 0) return undefined;
  const statuses = [...new Set(ended.map(({ status }) => status))].sort();
  const seconds = ended.map(({ usableAfterMs }) => usableAfterMs / 1000);
  return `| ${does} | ${ended.length} | ${statuses.join(', ')} | ${number(seconds, 2)} |`;
}

async function measureCandidates({ root, candidates: count, say }: BenchContext) {
  const registry = BenchRegistry.withBundledModels(root);
  const uris = CANDIDATES.map(({ model }, at) => registry.publish(`candidate-${at}`, 1, model));
  const server = await startUnderstudy({ root }, { UNDERSTUDY_REGISTRY_DIR: registry.path, ...LIMITS });
  const ended: Ended[] = [];
  const load = {
    ...TWO_ROWS,
    url: `${server.url}/predict`,
    requestsPerSecond: REQUESTS_PER_SECOND,
    isRight: (body: unknown) => isFrom('current', body),
  };
  try {
    const loaded = await new OpenLoop(load).runUntil(async () => {
      for (let at = 0; at < count; at++) {
        const candidate = CANDIDATES[at % CANDIDATES.length] as Candidate;
        const status = await endsBadly(server.url, candidate, uris[at % uris.length] as string);
        const usableAfterMs = await timeUntilUsable(server.url, at);
        ended.push({ does: candidate.does, status, usableAfterMs });
        if ((at + 1) % 10 === 0) say(`${at + 1} of ${count} candidates`);
      }
    });
    return { ended, load: latencies(loaded) };
  } finally {
    await server.stop();
    registry.remove();
  }
}

/** Loads the candidate and, where it can be loaded, asks it for what it fails on. Returns the status of the refusal. */
async function endsBadly(url: string, { does, askedWith }: Candidate, uri: string): Promise<number> {
  const loaded = await send(`${url}/update-model`, { model_uri: uri });
  if (askedWith === undefined) return expectRefusal(does, loaded);
  if (loaded.status !== 200) throw new Error(`a candidate that ${does} was not loaded: ${JSON.stringify(loaded)}`);
  const row = Array.from({ length: 4 }, () => askedWith);
  return expectRefusal(does, await askNext(url, { data: [row] }));
}

function expectRefusal(does: string, answer: Awaited<ReturnType<typeof send>>): number {
  if (answer.status >= 400) return answer.status;
  throw new Error(`a candidate that ${does} did not: ${JSON.stringify(answer)}`);
}

/** Another version than the last that was good, so that it has to be loaded: 1 and 2 in turn, current being 3. */
async function timeUntilUsable(url: string, at: number): Promise<number> {
  const startMs = performance.now();
  const loaded = await send(`${url}/update-model`, { model_uri: `models:/tracking-quickstart/${1 + (at % 2)}` });
  const answer = await askNext(url, JSON.parse(TWO_ROWS.body) as object);
  if (loaded.status !== 200 || !isFrom('next', answer.body))
    throw new Error(`next is not usable again: ${JSON.stringify(loaded)}, ${JSON.stringify(answer)}`);
  return performance.now() - startMs;
}

const askNext = async (url: string, body: object) =>
  send(`${url}/predict`, body, { headers: { 'X-Model-Slot': 'next' } });

const isFrom = (slot: 'current' | 'next', body: unknown): boolean =>
  JSON.stringify(predictionsOf(body)) === JSON.stringify(TWO_ROWS.predictions) &&
  (body as { model_used?: unknown }).model_used === slot;
