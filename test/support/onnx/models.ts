import type { Datatype } from '@understudy/inference';
import { buildModel, type Initializer, type Node, rawBytes, zipMapType } from './build-model';

/** Models that tests load: each a function that returns the bytes of an ONNX file. */

const float = (name: string, shape: readonly number[], values: readonly number[]): Initializer => ({
  name,
  type: 'FP32',
  shape,
  data: rawBytes(new Float32Array(values)),
});

const int64 = (name: string, shape: readonly number[], values: readonly number[]): Initializer => ({
  name,
  type: 'INT64',
  shape,
  data: rawBytes(new BigInt64Array(values.map(BigInt))),
});

/** Answers the same label for every row: whoever answered can be told by the answer. */
export function constantModel(label: number, columns = 4): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, columns] }],
    outputs: [{ name: 'label', type: 'INT64', shape: [-1] }],
    initializers: [
      float('zero', [1], [0]),
      { name: 'label_value', type: 'FP32', shape: [1], data: rawBytes(new Float32Array([label])) },
      int64('axes', [1], [1]),
    ],
    nodes: [
      { op: 'ReduceSum', inputs: ['X', 'axes'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { op: 'Mul', inputs: ['sum', 'zero'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['nothing', 'label_value'], outputs: ['filled'] },
      { op: 'Cast', inputs: ['filled'], outputs: ['label'], attributes: { to: 7 } },
    ],
  });
}

/** Gives out what it takes in. */
export function identityModel(type: Datatype, shape: readonly number[] = [-1, -1]): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type, shape }],
    outputs: [{ name: 'Y', type, shape }],
    nodes: [{ op: 'Identity', inputs: ['X'], outputs: ['Y'] }],
  });
}

/** Sums each row: `[N, columns]` to `[N]`. */
export function rowSumModel(columns = -1): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, columns] }],
    outputs: [{ name: 'sum', type: 'FP32', shape: [-1] }],
    initializers: [int64('axes', [1], [1])],
    nodes: [{ op: 'ReduceSum', inputs: ['X', 'axes'], outputs: ['sum'], attributes: { keepdims: 0 } }],
  });
}

/** The mean of each row, a row being a tensor of this shape: `[N, ...]` to `[N]`. */
export function meanModel(row: readonly number[]): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, ...row] }],
    outputs: [{ name: 'mean', type: 'FP32', shape: [-1] }],
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['X'],
        outputs: ['mean'],
        attributes: { axes: row.map((_, axis) => axis + 1), keepdims: 0 },
      },
    ],
  });
}

/** Subtracts the mean over the batch from every row: rows of different requests must never meet here. */
export function batchMeanModel(): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 2] }],
    nodes: [
      { op: 'ReduceMean', inputs: ['X'], outputs: ['mean'], attributes: { axes: [0], keepdims: 1 } },
      { op: 'Sub', inputs: ['X', 'mean'], outputs: ['Y'] },
    ],
  });
}

/** Two inputs by name, one a text: `age` `[N, 1]` floats and `city` `[N, 1]` strings, given out again. */
export function twoInputModel(): Uint8Array {
  return buildModel({
    inputs: [
      { name: 'age', type: 'FP32', shape: [-1, 1] },
      { name: 'city', type: 'BYTES', shape: [-1, 1] },
    ],
    outputs: [
      { name: 'city_out', type: 'BYTES', shape: [-1, 1] },
      { name: 'age_out', type: 'FP32', shape: [-1, 1] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['city'], outputs: ['city_out'] },
      { op: 'Identity', inputs: ['age'], outputs: ['age_out'] },
    ],
  });
}

/** Looks each index up in a table of three: any other index makes the model fail at run time. */
export function lookupModel(): Uint8Array {
  return buildModel({
    inputs: [{ name: 'index', type: 'INT64', shape: [-1] }],
    outputs: [{ name: 'value', type: 'FP32', shape: [-1] }],
    initializers: [float('table', [3], [10, 20, 30])],
    nodes: [{ op: 'Gather', inputs: ['table', 'index'], outputs: ['value'] }],
  });
}

/** A matrix product of `size` by `size`: takes milliseconds to run and `4 * size * size` bytes of memory. */
export function heavyModel(size: number): Uint8Array {
  const weights = new Float32Array(size * size);
  for (let at = 0; at < weights.length; at++) weights[at] = ((at % 7) - 3) / size;
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'label', type: 'FP32', shape: [-1] }],
    initializers: [
      float(
        'spread',
        [4, size],
        Array.from({ length: 4 * size }, (_, at) => (at % 5) - 2),
      ),
      { name: 'weights', type: 'FP32', shape: [size, size], data: rawBytes(weights) },
      int64('axes', [1], [1]),
    ],
    nodes: [
      { op: 'MatMul', inputs: ['X', 'spread'], outputs: ['wide'] },
      { op: 'MatMul', inputs: ['wide', 'weights'], outputs: ['mixed'] },
      { op: 'ReduceSum', inputs: ['mixed', 'axes'], outputs: ['label'], attributes: { keepdims: 0 } },
    ],
  });
}

/** Answers the same label for every row, as {@link constantModel} does, and keeps it in a table of so many bytes. */
export function tableModel(label: number, bytes: number): Uint8Array {
  const table = new Float32Array(bytes / 4).fill(label);
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'label', type: 'INT64', shape: [-1] }],
    initializers: [
      { name: 'table', type: 'FP32', shape: [table.length], data: rawBytes(table) },
      float('zero', [1], [0]),
      int64('axes', [1], [1]),
    ],
    nodes: [
      { op: 'ReduceSum', inputs: ['X', 'axes'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { op: 'Mul', inputs: ['sum', 'zero'], outputs: ['nothing'] },
      { op: 'Cast', inputs: ['nothing'], outputs: ['index'], attributes: { to: 7 } },
      { op: 'Gather', inputs: ['table', 'index'], outputs: ['found'] },
      { op: 'Cast', inputs: ['found'], outputs: ['label'], attributes: { to: 7 } },
    ],
  });
}

/**
 * Sums one row of four numbers and takes time over it: so many products of matrices of `size` by `size`, one after the other. Its
 * first axis is not free, so that requests never share a run. The matrix only moves columns round; the sum stays exact for small
 * whole numbers.
 */
export function busyModel(products: number, size = 256): Uint8Array {
  const moves = new Float32Array(size * size);
  for (let row = 0; row < size; row++) moves[row * size + ((row + 1) % size)] = 1;
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [1, 4] }],
    outputs: [{ name: 'label', type: 'FP32', shape: [1] }],
    initializers: [
      float(
        'ones',
        [size, size],
        Array.from({ length: size * size }, () => 1),
      ),
      { name: 'moves', type: 'FP32', shape: [size, size], data: rawBytes(moves) },
      int64('axes', [1], [1]),
      int64('one', [1], [1]),
    ],
    nodes: [
      { op: 'ReduceSum', inputs: ['X', 'axes'], outputs: ['sum'], attributes: { keepdims: 1 } },
      { op: 'Mul', inputs: ['ones', 'sum'], outputs: ['product_0'] },
      ...Array.from({ length: products }, (_, at) => ({
        op: 'MatMul',
        inputs: [`product_${at}`, 'moves'],
        outputs: [`product_${at + 1}`],
      })),
      { op: 'ReduceMean', inputs: [`product_${products}`], outputs: ['mean'], attributes: { keepdims: 0 } },
      { op: 'Reshape', inputs: ['mean', 'one'], outputs: ['label'] },
    ],
  });
}

/**
 * A classifier as skl2onnx exports one unless it is told not to: `label` `[N]` and, behind a ZipMap, a list with a map from class
 * to probability for each row. The class with the largest of the inputs wins.
 */
export function zipMapModel(classes: readonly bigint[] | readonly string[]): Uint8Array {
  const named = typeof classes[0] === 'string' ? 'classlabels_strings' : 'classlabels_int64s';
  return buildModel({
    opsets: { '': 17, 'ai.onnx.ml': 1 },
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, classes.length] }],
    outputs: [
      { name: 'output_label', type: 'INT64', shape: [-1] },
      { name: 'output_probability', typeMessage: zipMapType() },
    ],
    nodes: [
      { op: 'Softmax', inputs: ['X'], outputs: ['probabilities'], attributes: { axis: -1 } },
      { op: 'ArgMax', inputs: ['X'], outputs: ['output_label'], attributes: { axis: 1, keepdims: 0 } },
      {
        op: 'ZipMap',
        domain: 'ai.onnx.ml',
        inputs: ['probabilities'],
        outputs: ['output_probability'],
        attributes: { [named]: classes },
      },
    ],
  });
}

/** Rows of two that come out changed by the company they are in; each in its own way. Alone every one comes out as it came in. */
export type Company =
  | 'its position'
  | 'the rows before it'
  | 'how many there are'
  | 'being among more than 20'
  | 'the largest of all'
  | 'the order';

export function sociableModel(company: Company): Uint8Array {
  const { nodes, initializers = [] } = COMPANY[company];
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 2] }],
    initializers,
    nodes,
  });
}

/** `ones`, one for each row, and `count`, how many rows there are. */
const COUNT: readonly Node[] = [
  { op: 'Shape', inputs: ['X'], outputs: ['rows'], attributes: { end: 1 } },
  { op: 'Cast', inputs: ['rows'], outputs: ['count'], attributes: { to: 1 } },
  {
    op: 'ConstantOfShape',
    inputs: ['rows'],
    outputs: ['ones'],
    attributes: { value: float('value', [1], [1]) },
  },
  { op: 'Unsqueeze', inputs: ['ones', 'last'], outputs: ['column'] },
];

const AXES = [int64('first', [], [0]), int64('last', [1], [1]), float('one', [1], [1])];

const COMPANY: Readonly<
  Record<Company, { readonly nodes: readonly Node[]; readonly initializers?: readonly Initializer[] }>
> = {
  'its position': {
    initializers: AXES,
    nodes: [
      ...COUNT,
      { op: 'CumSum', inputs: ['column', 'first'], outputs: ['position'] },
      { op: 'Mul', inputs: ['X', 'position'], outputs: ['Y'] },
    ],
  },
  'the rows before it': {
    initializers: AXES,
    nodes: [{ op: 'CumSum', inputs: ['X', 'first'], outputs: ['Y'] }],
  },
  'how many there are': {
    initializers: AXES,
    nodes: [...COUNT, { op: 'Mul', inputs: ['X', 'count'], outputs: ['Y'] }],
  },
  'being among more than 20': {
    initializers: [...AXES, float('twenty', [1], [20])],
    nodes: [
      ...COUNT,
      { op: 'Greater', inputs: ['count', 'twenty'], outputs: ['many'] },
      { op: 'Cast', inputs: ['many'], outputs: ['more'], attributes: { to: 1 } },
      { op: 'Add', inputs: ['X', 'more'], outputs: ['Y'] },
    ],
  },
  'the largest of all': {
    nodes: [
      { op: 'ReduceMax', inputs: ['X'], outputs: ['largest'], attributes: { axes: [0, 1], keepdims: 1 } },
      { op: 'ReduceMax', inputs: ['X'], outputs: ['own'], attributes: { axes: [1], keepdims: 1 } },
      { op: 'Sub', inputs: ['largest', 'own'], outputs: ['behind'] },
      { op: 'Add', inputs: ['X', 'behind'], outputs: ['Y'] },
    ],
  },
  'the order': {
    initializers: [int64('last_row', [1], [-1]), int64('end', [1], [-9_999_999]), int64('rows_axis', [1], [0])],
    nodes: [{ op: 'Slice', inputs: ['X', 'last_row', 'end', 'rows_axis', 'last_row'], outputs: ['Y'] }],
  },
};
