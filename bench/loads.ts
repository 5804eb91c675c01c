import type { Load } from './load';

/** How a peer is asked; the same rows in another form. */
export type Form = 'predict' | 'invocations' | 'v2';

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.2, 3.4, 5.4, 2.3],
];

/** What every peer must answer to two Iris rows again and again; a fast wrong answer is a defect. */
const LABELS = [0, 2];

interface FormFacts {
  readonly path: string;
  readonly body: (rows: readonly (readonly number[])[]) => object;
  readonly labels: (answer: unknown) => unknown;
}

export const FORMS: Readonly<Record<Form, FormFacts>> = {
  predict: {
    path: '/predict',
    body: (data) => ({ data }),
    labels: (answer) => (answer as { predictions?: unknown }).predictions,
  },
  invocations: {
    path: '/invocations',
    body: (inputs) => ({ inputs }),
    labels: (answer) => (answer as { predictions?: { label?: unknown } }).predictions?.label,
  },
  v2: {
    path: '/v2/models/default/infer',
    body: (rows) => ({
      inputs: [{ name: 'X', datatype: 'FP32', shape: [rows.length, 4], data: rows.flat() }],
      outputs: [{ name: 'label' }],
    }),
    labels: (answer) => (answer as { outputs?: { data?: unknown }[] }).outputs?.[0]?.data,
  },
};

/** Rows of Iris in one request, from so many clients at once. */
export interface IrisLoad {
  readonly rows: number;
  readonly connections: number;
}

export const IRIS_LOADS: readonly IrisLoad[] = [
  { rows: 2, connections: 1 },
  { rows: 2, connections: 8 },
  { rows: 2, connections: 32 },
  { rows: 2, connections: 128 },
  { rows: 100, connections: 32 },
];

export function toLoad({ rows, connections }: IrisLoad, form: Form): Load {
  const many = Array.from({ length: rows }, (_, index) => ROWS[index % ROWS.length] as number[]);
  return {
    name: `${rows} rows, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
    connections,
    body: JSON.stringify(FORMS[form].body(many)),
    headers: { 'Content-Type': 'application/json' },
  };
}

/** Asks once and compares. Throws where the answer is wrong. */
export async function checkAnswer(url: string, form: Form, load: IrisLoad): Promise<void> {
  const { body, headers } = toLoad(load, form);
  const answer = await fetch(`${url}${FORMS[form].path}`, { method: 'POST', body, headers });
  const labels = FORMS[form].labels(await answer.json());
  const expected = Array.from({ length: load.rows }, (_, index) => LABELS[index % LABELS.length]);
  if (JSON.stringify(labels) !== JSON.stringify(expected))
    throw new Error(`answered ${JSON.stringify(labels)} to ${load.rows} rows instead of ${JSON.stringify(expected)}`);
}
