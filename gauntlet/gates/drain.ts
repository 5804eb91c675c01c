import { setTimeout as sleep } from 'node:timers/promises';
import { busyModel } from '../../test/support/onnx/models';
import { type Gate, type GateContext, nothingWrong } from '../gate';
import { describeFailure, type Prediction, PredictionLoad } from '../load';
import { Server } from '../server';
import { Workplace } from '../workplace';

const REQUESTS_PER_SECOND = 100;
const LAME_DUCK_MS = 200;
/** What left earlier than this before the end of the lame duck was in time, however slow the machine. */
const IN_TIME_MS = 100;
/** Products of matrices that a run takes, so that some requests are always under way. */
const PRODUCTS = 6;

/** SIGTERM at random moments of a load. */
export const drain: Gate = {
  name: 'drain',
  about: 'SIGTERM under load',
  how:
    'Requests ask for "100 Continue", so that it is known which of them the server has taken; some are always under way. The signal comes at ' +
    'a random moment. Every request that was taken, and every one that left while the server still took requests, must be answered 200, ' +
    'and the server must end with 0.',
  rounds: { whole: 200, short: 10 },
  sabotages: ['drain'],
  async judge(context) {
    const workplace = new Workplace(1, () => busyModel(PRODUCTS));
    const wrong: string[] = [];
    let taken = 0;
    let afterSignal = 0;
    try {
      for (let round = 1; round <= context.rounds; round++) {
        const drained = await drainOnce(context, workplace, round === 1);
        wrong.push(...drained.wrong.map((why) => `stop ${round}: ${why}`));
        taken += drained.taken;
        afterSignal += drained.afterSignal;
        if (round % 10 === 0) context.say(`${round} of ${context.rounds} stops`);
      }
    } finally {
      workplace.remove();
    }
    if (afterSignal === 0) wrong.push('no request was under way at any stop: nothing was tried');
    const figure = `of ${taken} accepted, ${afterSignal} of them answered after the signal (${context.rounds} stops)`;
    return [nothingWrong('SIGTERM under load: accepted requests lost', '0', figure, wrong)];
  },
};

interface Drained {
  readonly wrong: readonly string[];
  readonly taken: number;
  readonly afterSignal: number;
}

async function drainOnce({ random, sabotage }: GateContext, workplace: Workplace, isFirst: boolean): Promise<Drained> {
  const server = await Server.start({ ...workplace.environment, UNDERSTUDY_LAME_DUCK_MS: String(LAME_DUCK_MS) });
  const load = new PredictionLoad({
    url: server.url,
    requestsPerSecond: REQUESTS_PER_SECOND,
    asksWhetherTaken: true,
  });
  await sleep(150 + random.below(250));
  server.process.signal('SIGTERM');
  const signalledMs = performance.now();
  if (sabotage === 'drain' && isFirst) {
    while (load.takenUnderWay === 0) await sleep(0);
    server.process.signal('SIGKILL');
  }
  const { code, signal } = await server.ended();
  const predictions = await load.end();
  const wrong = predictions
    .filter((prediction) => isLost(prediction, signalledMs))
    .map((prediction) => {
      const { wasTaken, sentMs } = prediction;
      const taken = wasTaken ? 'taken' : 'not taken';
      return `${describeFailure(prediction)}, ${taken}, sent ${(sentMs - signalledMs).toFixed(0)} ms after the signal`;
    });
  if (code !== 0) wrong.push(`the server ended with ${code ?? signal ?? 'nothing'}`);
  return {
    wrong,
    taken: predictions.filter(({ wasTaken }) => wasTaken).length,
    afterSignal: predictions.filter(({ wasTaken, endedMs }) => wasTaken && endedMs > signalledMs).length,
  };
}

/** The server said that it has the request, or took requests for certain when it was sent, and it was not answered as it should be. */
function isLost({ status, wasTaken, sentMs }: Prediction, signalledMs: number): boolean {
  if (status === 200) return false;
  return wasTaken || status !== 0 || sentMs < signalledMs + LAME_DUCK_MS - IN_TIME_MS;
}
