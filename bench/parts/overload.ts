import { BUSY, busyLoad, modelThatTakes, serveBusyModel } from '../busy-model';
import { predictionsOf } from '../control';
import { ascending, percentile } from '../format';
import { againstGoal } from '../goals';
import { measure } from '../load';
import { OpenLoop, type OpenLoopResult } from '../open-loop';
import type { BenchContext, Part } from '../part';

const RUN_MS = 5;
const CONNECTIONS = 8;
const TIMES = 5;
const REQUEST_TIMEOUT_MS = 500;
/** Until the queue is as long as it gets. */
const RAMP_SECONDS = 2;
/** As long as the two measurements around it. */
const OVERLOADED_TIMES = 2;

interface Overloaded {
  readonly bestPerSecond: number;
  readonly asked: number;
  readonly result: OpenLoopResult;
}

/**
 * Five times the load that it can bear. The model is the limit, as it is wherever there is one worth serving; the clients say what they
 * can wait, and what would come later is no good to them.
 */
export const overload: Part = {
  name: 'overload',
  about: `${TIMES} times the load that it can bear`,
  async measure(context) {
    const model = await modelThatTakes(RUN_MS, context.root);
    const rounds: Overloaded[] = [];
    for (let round = 0; round < context.rounds; round++) {
      const overloaded = await measureOverload(model, context);
      context.say(`round ${round + 1}: ${summary(overloaded)}`);
      rounds.push(overloaded);
    }
    const figures = {
      'overload-goodput': rounds.map((one) => goodputOf(one) / one.bestPerSecond),
      'overload-refusal': rounds.map(({ result }) => percentile(refusalsOf(result), 0.95)),
    };
    return {
      lines: [
        `## ${TIMES} times the load that it can bear`,
        '',
        `A model of ${RUN_MS} ms whose requests share no run. Best throughput: ${CONNECTIONS} connections, closed loop, the mean of before and after. Between them ${TIMES} times as many requests a second`,
        `on the clock (open loop), each with \`X-Request-Timeout-Ms: ${REQUEST_TIMEOUT_MS}\`. Goodput is right answers within that time, counted from the moment`,
        'a request was due; so is the time to refuse (429 or 503). The first two seconds, in which the queue fills, do not count for goodput.',
        '',
        '| round | best/s | asked/s | good/s | late | refused | failed | time to refuse p50, p95, slowest ms | answer p50, p99 ms | left late by, p99 ms |',
        '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
        ...rounds.map((one, at) => `| ${at + 1} | ${describe(one)} |`),
        '',
        againstGoal('overload-goodput', figures['overload-goodput']),
        againstGoal('overload-refusal', figures['overload-refusal']),
        '',
      ],
      figures,
    };
  },
};

async function measureOverload(model: Uint8Array, { root, seconds }: BenchContext): Promise<Overloaded> {
  const server = await serveBusyModel(root, model);
  try {
    const url = `${server.url}/predict`;
    const load = await busyLoad(url, CONNECTIONS);
    await measure(url, load, 1);
    const before = await measure(url, load, seconds);
    const asked = Math.round(TIMES * before.requestsPerSecond);
    const loop = new OpenLoop({
      ...BUSY,
      url,
      headers: { ...BUSY.headers, 'X-Request-Timeout-Ms': String(REQUEST_TIMEOUT_MS) },
      requestsPerSecond: asked,
      isRight: (body) => JSON.stringify(predictionsOf(body)) === JSON.stringify(BUSY.predictions),
    });
    const result = await loop.runFor(RAMP_SECONDS + OVERLOADED_TIMES * seconds);
    const after = await measure(url, load, seconds);
    return { bestPerSecond: (before.requestsPerSecond + after.requestsPerSecond) / 2, asked, result };
  } finally {
    await server.stop();
  }
}

type Sent = OpenLoopResult['sent'][number];

const REFUSALS: readonly number[] = [429, 503];

const tookMs = ({ leftMs, endedMs }: Sent): number => endedMs - leftMs;

const isGood = (one: Sent): boolean => one.status === 200 && tookMs(one) <= REQUEST_TIMEOUT_MS;

/** By the moment of the answer: what the queue gave at the start and gives after the end is no throughput. */
function goodputOf({ result: { sent, seconds } }: Overloaded): number {
  const counted = sent.filter(
    (one) => isGood(one) && one.endedMs >= RAMP_SECONDS * 1000 && one.endedMs < seconds * 1000,
  );
  return counted.length / (seconds - RAMP_SECONDS);
}

const refusalsOf = ({ sent }: OpenLoopResult): number[] =>
  ascending(sent.filter(({ status }) => REFUSALS.includes(status)).map(tookMs));

function describe(overloaded: Overloaded): string {
  const { bestPerSecond, asked, result } = overloaded;
  const { sent } = result;
  const refusals = refusalsOf(result);
  const answers = ascending(sent.filter(({ status }) => status === 200).map(tookMs));
  const late = sent.filter((one) => one.status === 504 || (one.status === 200 && !isGood(one))).length;
  const failed = sent.filter(({ status }) => ![200, 504, ...REFUSALS].includes(status)).length;
  const ms = (sorted: readonly number[], share: number): string => percentile(sorted, share).toFixed(1);
  const leftLate = ascending(sent.map(({ dueMs, leftMs }) => leftMs - dueMs));
  return [
    bestPerSecond.toFixed(1),
    asked,
    goodputOf(overloaded).toFixed(1),
    late,
    refusals.length,
    failed,
    `${ms(refusals, 0.5)}, ${ms(refusals, 0.95)}, ${ms(refusals, 1)}`,
    `${ms(answers, 0.5)}, ${ms(answers, 0.99)}`,
    ms(leftLate, 0.99),
  ].join(' | ');
}

function summary(overloaded: Overloaded): string {
  const { bestPerSecond, asked, result } = overloaded;
  const p95 = percentile(refusalsOf(result), 0.95);
  return `best ${bestPerSecond.toFixed(1)}/s, asked ${asked}/s, good ${goodputOf(overloaded).toFixed(1)}/s, refused p95 ${p95.toFixed(1)} ms`;
}
