import { pythonEnvironment } from '../../tools/python-env.mjs';
import { againstGoal, type Figures, type GoalName } from '../goals';
import { measure } from '../load';
import { checkedLoad, type Form, FORMS, IRIS_LOADS, type IrisLoad, nameOf, uncheckedLoad } from '../loads';
import type { BenchContext, Part } from '../part';
import type { Peer, RunningPeer } from '../peer';
import { PEERS } from '../peers';
import { ratios, type Row, table } from '../table';

type IrisRow = Row & { readonly load: string };

interface Started {
  readonly peer: Peer;
  readonly server: RunningPeer;
}

/** Every peer with every load, in turn, round by round. They are all up at once: what is compared is measured within a minute or two. */
export const iris: Part = {
  name: 'iris',
  about: 'Iris rows, beside every peer',
  async measure(context) {
    const rows: IrisRow[] = [];
    const missing = new Set<string>();
    for (let round = 1; round <= context.rounds; round++) {
      const started: Started[] = [];
      try {
        for (const peer of PEERS) {
          const made = peer.needs === 'node' ? { ok: true as const, python: '' } : pythonEnvironment(peer.needs);
          if (made.ok) started.push({ peer, server: await peer.start({ root: context.root, python: made.python }) });
          else missing.add(`${peer.name}: ${made.why}`);
        }
        for (const load of IRIS_LOADS)
          for (const one of started) rows.push(...(await measurePeer(one, load, round, context)));
      } finally {
        await Promise.all(started.map(async ({ server }) => server.stop()));
      }
    }
    const figures = figuresOf(rows);
    const lines = IRIS_LOADS.map(nameOf).flatMap((load) => [
      `## ${load}`,
      '',
      ...table(rows.filter((row) => row.load === load)),
    ]);
    const goals = Object.entries(figures).map(([name, values]) => againstGoal(name as GoalName, values));
    const without = [...missing].map((line) => `- Missing in these tables: ${line}`);
    return { lines: [...lines, ...goals, ...without, ''], figures, missing: [...missing] };
  },
};

/** One peer with one load, in each form that it can be asked in. */
async function measurePeer(
  { peer, server: { url } }: Started,
  one: IrisLoad,
  round: number,
  { seconds, say }: BenchContext,
): Promise<IrisRow[]> {
  const rows: IrisRow[] = [];
  for (const form of peer.forms) {
    const address = `${url}${FORMS[form].path}`;
    const load = await loadFor(peer, url, form, one);
    await measure(address, load, 1);
    const measured = await measure(address, load, seconds);
    const { requestsPerSecond, failures } = measured;
    say(`round ${round}, ${peer.name}, ${form}, ${load.name}: ${Math.round(requestsPerSecond)}/s, ${failures} failed`);
    rows.push({ name: rowName(peer.name, form), asked: form, load: load.name, round, measured });
  }
  return rows;
}

const loadFor = async ({ answersAnything }: Peer, url: string, form: Form, load: IrisLoad) =>
  answersAnything === true ? uncheckedLoad(load, form) : checkedLoad(url, form, load);

const SHOWN: Readonly<Record<Form, string>> = { predict: '/predict', invocations: '/invocations', v2: '/v2' };

const rowName = (peer: string, form: Form): string => `${peer}, ${SHOWN[form]}`;

/** What each goal compares: ours in one form with a peer in one form. */
const COMPARED: readonly (readonly [GoalName, Form, string, Form])[] = [
  ['predict-noop', 'predict', 'no-op node:http', 'predict'],
  ['predict-inline', 'predict', 'node:http + onnxruntime in line', 'predict'],
  ['predict-fastapi', 'predict', 'FastAPI + onnxruntime', 'predict'],
  ['predict-spec', 'predict', "the spec's service (FastAPI + mlflow.pyfunc, scikit-learn)", 'predict'],
  ['predict-mlserver', 'predict', 'MLServer (ONNX runtime)', 'v2'],
  ['invocations-noop', 'invocations', 'no-op node:http', 'invocations'],
  ['v2-noop', 'v2', 'no-op node:http', 'v2'],
];

function figuresOf(rows: readonly IrisRow[]): Figures {
  const at = (load: IrisLoad): IrisRow[] => rows.filter((row) => row.load === nameOf(load));
  const crowd = at({ rows: 2, connections: 32 });
  const figures = COMPARED.map(([goal, form, peer, peerForm]) => [
    goal,
    ratios(crowd, rowName('Understudy', form), rowName(peer, peerForm)),
  ]);
  const known = figures.filter(([, values]) => values !== undefined);
  return Object.fromEntries(known) as Figures;
}
