import type { InferAnswerText } from './infer-bodies';

/** How one protocol asks for rows of the input `X` and tells the elements of the first output. */
interface Asking {
  readonly name: 'predict' | 'invocations' | 'infer';
  readonly path: string;
  readonly ask: (rows: readonly (readonly number[])[], datatype?: string) => object;
  readonly elements: (body: unknown) => unknown;
  /** The sentence of a refusal. */
  readonly problem: (body: unknown) => unknown;
}

/** The same question in each protocol. */
export const EVERY_PROTOCOL: readonly Asking[] = [
  {
    name: 'predict',
    path: '/predict',
    ask: (rows) => ({ data: rows }),
    elements: (body) => (body as { predictions: unknown }).predictions,
    problem: (body) => (body as { detail: unknown }).detail,
  },
  {
    name: 'invocations',
    path: '/invocations',
    ask: (rows) => ({ inputs: rows }),
    elements: (body) => Object.values((body as { predictions: object }).predictions)[0] as unknown,
    problem: (body) => (body as { message: unknown }).message,
  },
  {
    name: 'infer',
    path: '/v2/models/default/infer',
    ask: (rows, datatype = 'FP32') => ({
      inputs: [{ name: 'X', datatype, shape: [rows.length, rows[0]?.length ?? 0], data: rows }],
    }),
    elements: (body) => (body as InferAnswerText).outputs[0]?.data,
    problem: (body) => (body as { error: unknown }).error,
  },
];
