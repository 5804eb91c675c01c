import { ascending, percentile } from '../../bench/format';
import { measure } from '../../bench/load';
import { checkedLoad } from '../../bench/loads';
import type { Gate, GateContext } from '../gate';
import { Server } from '../server';
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
    '`UNDERSTUDY_METRICS=false`. They take turns of 3 s at 32 connections with two rows; the figure is the median of the ratios of a round.',
  // A ratio of speeds says nothing where others use the machine: whoever wants it names it.
  // Rounds scatter by half; the median of seven says little.
  rounds: { whole: 31, short: null },
  sabotages: [],
  async judge(context) {
    const ratios = ascending(await measureRatios(context));
    const median = percentile(ratios, 0.5);
    const [lowest = NaN, highest = NaN] = [ratios[0], ratios.at(-1)];
    return [
      {
        measure: 'prediction throughput with tokens, metrics and statistics on ÷ off',
        goal: `at least ${GOAL}`,
        figure: `${median.toFixed(3)} (median of ${ratios.length} rounds, ${lowest.toFixed(3)}-${highest.toFixed(3)})`,
        reached: median >= GOAL,
      },
    ];
  },
};

const TOKEN = 'gauntlet-administrator-token-of-this-run';

async function measureRatios({ rounds, root, say }: GateContext): Promise<number[]> {
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
    const rate = async (server: Server): Promise<number> => {
      const { requestsPerSecond, failures } = await measure(
        `${server.url}/predict`,
        server === on ? withToken : load,
        SECONDS,
      );
      if (failures > 0) throw new Error(`${failures} predictions failed`);
      return requestsPerSecond;
    };
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      // Whoever comes first has the cooler machine: they take turns at that too.
      const first = round % 2 === 0 ? on : off;
      const rates = new Map([[first, await rate(first)]]);
      const second = first === on ? off : on;
      rates.set(second, await rate(second));
      const ratio = (rates.get(on) ?? NaN) / (rates.get(off) ?? NaN);
      // The first round warms both up.
      if (round > 0) ratios.push(ratio);
      say(`round ${round} of ${rounds}: ${ratio.toFixed(3)}`);
    }
    return ratios;
  } finally {
    await Promise.all([on.stop(), off.stop()]);
    for (const workplace of workplaces) workplace.remove();
  }
}
