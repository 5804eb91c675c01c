import { change, send } from '../control';
import { number } from '../format';
import { measure, type Measured } from '../load';
import { checkedLoad, nameOf } from '../loads';
import type { BenchContext, Findings, Part } from '../part';
import { startUnderstudy } from '../peers';

/** Asked at once, half of the connections each. Different versions, so that each has its own runner. */
const DEPLOYMENTS = [
  { name: 'bench-left', current: 'models:/tracking-quickstart/2' },
  { name: 'bench-right', current: 'models:/tracking-quickstart/3' },
] as const;
const ALONE = { rows: 2, connections: 32 };
const SHARED = { rows: 2, connections: ALONE.connections / DEPLOYMENTS.length };
const READY_WITHIN_MS = 30_000;

type Form = 'v2' | 'predict';

const PATHS: Readonly<Record<Form, (name: string) => string>> = {
  v2: (name) => `/v2/models/${name}/infer`,
  predict: (name) => `/deployments/${name}/predict`,
};

interface TwoRow {
  readonly form: Form;
  readonly alone: Measured;
  readonly left: Measured;
  readonly right: Measured;
}

/** Two deployments of one server, asked at the same time: what they do together, and whether they share fairly. */
export const twoDeployments: Part = {
  name: 'two-deployments',
  about: 'two deployments asked at once',
  async measure(context) {
    const server = await startUnderstudy(context);
    try {
      if ((await fetch(`${server.url}/deployments`)).status !== 200) return needsDeployments();
      for (const { name, current } of DEPLOYMENTS) await deploy(server.url, name, current);
      const rows: TwoRow[] = [];
      for (let round = 0; round < context.rounds; round++)
        for (const form of ['v2', 'predict'] as const) rows.push(await measureTwo(server.url, form, context));
      return describe(rows);
    } finally {
      await server.stop();
    }
  },
};

const HEADING = ['## Two deployments at once', ''];

const needsDeployments = (): Findings => ({
  lines: [...HEADING, 'Not measured: this server has no `/deployments`, which these rows need.', ''],
  figures: {},
  missing: ['two deployments at once: this server has no /deployments'],
});

/** Creates the deployment and waits until it answers right. Throws when it does not get there. */
async function deploy(url: string, name: string, current: string): Promise<void> {
  await change(url, `/deployments/${name}`, { current }, 'PUT');
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const asked = await send(`${url}${PATHS.predict(name)}`, { data: [[5.1, 3.5, 1.4, 0.2]] });
    if (asked.status === 200) return;
    if (performance.now() > deadline)
      throw new Error(`the deployment ${name} does not answer: ${asked.status} ${JSON.stringify(asked.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function measureTwo(url: string, form: Form, { seconds, say }: BenchContext): Promise<TwoRow> {
  const [left, right] = DEPLOYMENTS.map(({ name }) => PATHS[form](name)) as [string, string];
  const run = async (path: string, connections: number): Promise<Measured> =>
    measure(`${url}${path}`, await checkedLoad(url, form, { rows: 2, connections }, path), seconds);
  await run(left, ALONE.connections);
  const alone = await run(left, ALONE.connections);
  const both = await Promise.all([run(left, SHARED.connections), run(right, SHARED.connections)]);
  const row = { form, alone, left: both[0], right: both[1] };
  say(
    `${form}: alone ${Math.round(alone.requestsPerSecond)}/s, together ${both.map(({ requestsPerSecond }) => Math.round(requestsPerSecond)).join(' + ')}/s`,
  );
  return row;
}

function describe(rows: readonly TwoRow[]): Findings {
  const line = (form: Form): string => {
    const own = rows.filter((row) => row.form === form);
    const rate = (pick: (row: TwoRow) => number): string => number(own.map(pick), 0);
    const sum = ({ left, right }: TwoRow): number => left.requestsPerSecond + right.requestsPerSecond;
    const fairness = ({ left, right }: TwoRow): number =>
      Math.min(left.requestsPerSecond, right.requestsPerSecond) /
      Math.max(left.requestsPerSecond, right.requestsPerSecond);
    const cells = [
      `\`${PATHS[form]('{name}')}\``,
      rate(({ alone }) => alone.requestsPerSecond),
      rate(({ left }) => left.requestsPerSecond),
      rate(({ right }) => right.requestsPerSecond),
      number(
        own.map((row) => sum(row) / row.alone.requestsPerSecond),
        2,
      ),
      number(own.map(fairness), 2),
      number(
        own.flatMap(({ left, right }) => [left.p99Ms, right.p99Ms]),
        1,
      ),
      own.reduce((failed, { alone, left, right }) => failed + alone.failures + left.failures + right.failures, 0),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  return {
    lines: [
      ...HEADING,
      `One deployment alone with ${nameOf(ALONE)}; then two, with a runner each, at the same time with ${SHARED.connections} each. Two load generators share the cores.`,
      '',
      '| asked at | alone/s | left/s | right/s | together ÷ alone | slower ÷ faster | p99 ms together | failed |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      line('v2'),
      line('predict'),
      '',
    ],
    figures: {},
  };
}
