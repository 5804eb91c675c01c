import type { Datatype } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import { elementCount, type Tensor, type TensorSpec } from '../tensor';
import type { DeclaredAs } from './decode-invocation';

/** A model of recorded-answers.fixture.ts: its graph, the names its column signature has, and what it computes. */
interface RecordedModel {
  readonly inputs: readonly TensorSpec[];
  readonly columns?: readonly string[];
  readonly predict: (inputs: readonly Tensor[]) => readonly Tensor[];
}

const input = (name: string, datatype: Datatype, shape: readonly number[]): TensorSpec => ({ name, datatype, shape });

/** An ONNX Identity from x to y. */
const identity = (datatype: Datatype, shape: readonly number[], columns?: readonly string[]): RecordedModel => ({
  inputs: [input('x', datatype, shape)],
  ...(columns && { columns }),
  predict: ([x]) => [{ ...(x as Tensor), name: 'y' }],
});

/** The float of a plus the integer of b. */
const sum = (shape: readonly number[]): RecordedModel => ({
  inputs: [input('a', 'FP32', shape), input('b', 'INT64', shape)],
  predict: ([a, b]) => {
    const values = Float32Array.from(a?.data as Float32Array, (value, index) => value + Number(b?.data[index]));
    return [{ name: 'sum', datatype: 'FP32', shape: a?.shape ?? [], data: values }];
  },
});

const rowsOf = ({ data, shape }: Tensor): number[][] => {
  const width = elementCount(shape.slice(1));
  const values = data as Float32Array;
  return Array.from({ length: shape[0] as number }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
};

const dot = (weights: readonly number[], row: readonly number[], bias: number): number =>
  weights.reduce((total, weight, index) => total + weight * (row[index] as number), bias);

/** scikit-learn's LinearRegression of Iris' petal length by its sepals. */
const REGRESSOR: RecordedModel = {
  inputs: [input('X', 'FP32', [-1, 2])],
  columns: ['a', 'b'],
  predict: ([x]) => {
    const rows = rowsOf(x as Tensor);
    const data = Float32Array.from(rows, (row) =>
      dot([1.775592565536499, -1.338623285293579], row, -2.524763822555542),
    );
    return [{ name: 'variable', datatype: 'FP32', shape: [rows.length, 1], data }];
  },
};

const CLASSES = [
  { weights: [-0.42364344, 0.97124475, -2.51535201, -1.0770483], bias: 9.82701587 },
  { weights: [0.53760773, -0.31913853, -0.20579763, -0.94307852], bias: 2.20547384 },
  { weights: [-0.11396289, -0.65210491, 2.72115064, 2.02012634], bias: -12.03248405 },
];

/** scikit-learn's LogisticRegression of Iris, converted without ZipMap. */
const CLASSIFIER: RecordedModel = {
  inputs: [input('X', 'FP32', [-1, 4])],
  columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
  predict: ([x]) => {
    const rows = rowsOf(x as Tensor).map((row) => {
      const odds = CLASSES.map(({ weights, bias }) => Math.exp(dot(weights, row, bias)));
      const total = odds.reduce((a, b) => a + b);
      return odds.map((value) => value / total);
    });
    const labels = BigInt64Array.from(rows, (row) => BigInt(row.indexOf(Math.max(...row))));
    return [
      { name: 'label', datatype: 'INT64', shape: [rows.length], data: labels },
      { name: 'probabilities', datatype: 'FP32', shape: [rows.length, 3], data: Float32Array.from(rows.flat()) },
    ];
  },
};

const AB = ['a', 'b'];

const MODELS: Readonly<Record<string, RecordedModel>> = {
  clf: CLASSIFIER,
  reg: REGRESSOR,
  id_f64: identity('FP64', [-1, 2], AB),
  id_i64: identity('INT64', [-1, 2], AB),
  id_i32: identity('INT32', [-1, 2], AB),
  id_bool: identity('BOOL', [-1, 2], AB),
  str: identity('BYTES', [-1, 1], ['a']),
  str_tensor: identity('BYTES', [-1]),
  cube: identity('FP32', [-1, 2, 3]),
  multi1: sum([-1]),
  multi2: sum([-1, 1]),
  mixed: {
    inputs: [input('age', 'FP32', [-1]), input('city', 'BYTES', [-1])],
    predict: (inputs) => inputs.map((tensor) => ({ ...tensor, name: `${tensor.name}_out` })),
  },
};

const DECLARED: Readonly<Record<string, DeclaredAs>> = {
  none: 'nothing',
  tensor: 'tensors',
  columns: 'columns',
  /** A column signature without names. */
  unnamed: 'columns',
};

/** The model that a recorded line names, `reg_columns`: the model and what its MLmodel file declares. */
export function recordedModel(name: string): {
  readonly signature: ModelSignature;
  readonly declared: DeclaredAs;
  readonly predict: RecordedModel['predict'];
} {
  const [, base = '', suffix = ''] = /^(.*)_(\w+)$/.exec(name) ?? [];
  const { inputs, columns, predict } = (MODELS[name] ?? MODELS[base]) as RecordedModel;
  const declared = DECLARED[suffix] as DeclaredAs;
  const named = suffix === 'columns' && columns !== undefined ? { columns } : {};
  const source = declared === 'nothing' ? 'onnx' : 'mlmodel';
  return { signature: { inputs, outputs: [], source, ...named }, declared, predict };
}
