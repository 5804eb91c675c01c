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

const JSON_HEADERS = { 'Content-Type': 'application/json' };

const bodyOf = ({ rows }: Pick<IrisLoad, 'rows'>, form: Form): string =>
  JSON.stringify(FORMS[form].body(Array.from({ length: rows }, (_, index) => ROWS[index % ROWS.length] as number[])));

/** A load for a server that answers the same to everything. */
export const uncheckedLoad = (load: IrisLoad, form: Form): Load => ({
  ...described(load),
  body: bodyOf(load, form),
  expects: '[0,2]',
});

/**
 * Asks a server once, throws where the answer is wrong, and returns the load whose answers are compared with that one. `path` is
 * where it is asked, if not where the form says.
 */
export async function checkedLoad(
  url: string,
  form: Form,
  load: IrisLoad,
  path: string = FORMS[form].path,
): Promise<Load> {
  const body = bodyOf(load, form);
  const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers: JSON_HEADERS });
  const text = await answer.text();
  const expected = Array.from({ length: load.rows }, (_, index) => LABELS[index % LABELS.length] as number);
  const labels = answer.ok ? FORMS[form].labels(JSON.parse(text)) : undefined;
  if (JSON.stringify(labels) !== JSON.stringify(expected))
    throw new Error(
      `${path} answered ${answer.status} ${text.slice(0, 500)} to ${load.rows} rows instead of ${JSON.stringify(expected)}`,
    );
  return { ...described(load), body, expects: spelling(text, expected) };
}

export const nameOf = ({ rows, connections }: IrisLoad): string =>
  `${rows} rows, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;

const described = (load: IrisLoad) => ({
  name: nameOf(load),
  connections: load.connections,
  headers: JSON_HEADERS,
});

/** A list of numbers as an answer spells it: with or without spaces and decimals. Throws where it is not in there. */
export function spelling(answer: string, values: readonly number[]): string {
  const list = values.map((value) => `${String(value).replace('.', '\\.')}(?:\\.0+)?`).join('\\s*,\\s*');
  const [found] = new RegExp(`\\[\\s*${list}\\s*\\]`).exec(answer) ?? [];
  if (found === undefined) throw new Error(`expected ${JSON.stringify(values)} in the answer ${answer.slice(0, 500)}`);
  return found;
}

/** Two Iris rows on the clock; what /predict must answer to them. */
export const TWO_ROWS = { body: bodyOf({ rows: 2 }, 'predict'), headers: JSON_HEADERS, predictions: LABELS } as const;
