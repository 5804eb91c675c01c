import { ascending, percentile } from '../../bench/format';
import { type Load, measure } from '../../bench/load';
import { checkedLoad } from '../../bench/loads';
import type { Gate, GateContext } from '../gate';
import { processorSeconds, Server } from '../server';
import { Workplace } from '../workplace';

const SECONDS = 3;
const LOAD = { rows: 2, connections: 32 };
const GOAL = 0.9;

/** Two servers in turn: one that asks for tokens and counts, one that does neither. */
export const throughput: Gate = {
  name: 'throughput',
  about: 'prediction throughput with tokens, metrics and statistics on ÷ off',
  how:
    'Two servers with the same model: one with `UNDERSTUDY_AUTH=tokens`, metrics and statistics, one with `UNDERSTUDY_AUTH=none` and ' +
    `\`UNDERSTUDY_METRICS=false\`. They take turns of ${SECONDS} s at 32 connections with two rows. The figure is the median over the rounds of ` +
    'the ratio of predictions for each second of processor time of the serving process: its one thread is what a server with a core of ' +
    'its own is bound by. The clock, which counts whatever else the machine does, is told beside it.',
  // A ratio of speeds says nothing where others use the machine: whoever wants it names it.
  rounds: { whole: 61, short: null },
  sabotages: [],
  async judge(context) {
    const rounds = await measureRounds(context);
    const byProcessor = spread(rounds.map(({ byProcessor }) => byProcessor));
    const byClock = spread(rounds.map(({ byClock }) => byClock));
    return [
      {
        measure: 'prediction throughput with tokens, metrics and statistics on ÷ off',
        goal: `at least ${GOAL}`,
        figure:
          `${byProcessor.median.toFixed(3)} of a core (median of ${rounds.length} rounds, half of them ${byProcessor.half}); ` +
          `by the clock ${byClock.median.toFixed(3)} (${byClock.half})`,
        reached: byProcessor.median >= GOAL,
      },
    ];
  },
};

const TOKEN = 'gauntlet-administrator-token-of-this-run';

/** Ratios of on to off in one round. */
interface Round {
  readonly byProcessor: number;
  readonly byClock: number;
}

interface Turn {
  readonly perSecond: number;
  readonly perProcessorSecond: number;
}

async function measureRounds({ rounds, root, say }: GateContext): Promise<Round[]> {
  const workplaces = [new Workplace(0), new Workplace(0)] as const;
  const bundled = {
    UNDERSTUDY_REGISTRY_DIR: `${root}/models`,
    UNDERSTUDY_MODEL_URI: 'models:/tracking-quickstart/3',
  };
  const [on, off] = await Promise.all([
    Server.start({
      ...workplaces[0].environment,
      ...bundled,
      UNDERSTUDY_AUTH: 'tokens',
      UNDERSTUDY_ADMIN_TOKEN: TOKEN,
    }),
    Server.start({ ...workplaces[1].environment, ...bundled, UNDERSTUDY_AUTH: 'none', UNDERSTUDY_METRICS: 'false' }),
  ]);
  try {
    const load = await checkedLoad(off.url, 'predict', LOAD);
    const withToken = { ...load, headers: { ...load.headers, Authorization: `Bearer ${TOKEN}` } };
    const turnOf = async (server: Server): Promise<Turn> => measureTurn(server, server === on ? withToken : load);
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round++) {
      // Whoever comes first has the cooler machine: they take turns at that too.
      const [first, second] = round % 2 === 0 ? [on, off] : [off, on];
      const turns = new Map([[first, await turnOf(first)]]);
      turns.set(second, await turnOf(second));
      const ratio = (of: keyof Turn): number => (turns.get(on)?.[of] ?? NaN) / (turns.get(off)?.[of] ?? NaN);
      const result = { byProcessor: ratio('perProcessorSecond'), byClock: ratio('perSecond') };
      // The first round warms both up.
      if (round > 0) measured.push(result);
      say(`round ${round} of ${rounds}: ${result.byProcessor.toFixed(3)}, by the clock ${result.byClock.toFixed(3)}`);
    }
    return measured;
  } finally {
    await Promise.all([on.stop(), off.stop()]);
    for (const workplace of workplaces) workplace.remove();
  }
}

async function measureTurn(server: Server, load: Load): Promise<Turn> {
  const before = processorSeconds(server.process.pid);
  const { requestsPerSecond, failures } = await measure(`${server.url}/predict`, load, SECONDS);
  if (failures > 0) throw new Error(`${failures} predictions failed`);
  const taken = processorSeconds(server.process.pid) - before;
  return { perSecond: requestsPerSecond, perProcessorSecond: (requestsPerSecond * SECONDS) / taken };
}

function spread(figures: readonly number[]): { readonly median: number; readonly half: string } {
  const sorted = ascending(figures);
  const half = [0.25, 0.75].map((part) => percentile(sorted, part).toFixed(3));
  return { median: percentile(sorted, 0.5), half: half.join('-') };
}
