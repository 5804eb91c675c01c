import { buildModel, type Initializer, type Node, rawBytes } from './build-model';

/**
 * Models that do what no model should, some of them only for certain inputs. Where rows are given out as they came, rows of
 * different requests share a run: company that must not suffer.
 */

const int64 = (name: string, shape: readonly number[], values: readonly bigint[]): Initializer => ({
  name,
  type: 'INT64',
  shape,
  data: rawBytes(new BigInt64Array(values)),
});

const float = (name: string, values: readonly number[]): Initializer => ({
  name,
  type: 'FP32',
  shape: [values.length],
  data: rawBytes(new Float32Array(values)),
});

/** The largest element of X as a whole number: `asked`. */
const LARGEST_ELEMENT: readonly Node[] = [
  { op: 'ReduceMax', inputs: ['X'], outputs: ['largest'], attributes: { keepdims: 0 } },
  { op: 'Cast', inputs: ['largest'], outputs: ['asked'], attributes: { to: 7 } },
];

/** Turns round `steps` times and gives out X as it came. */
const turnRound = (steps: string, shape: readonly number[]): Node => ({
  op: 'Loop',
  inputs: [steps, 'go', 'X'],
  outputs: ['Y'],
  attributes: {
    body: {
      graph: {
        inputs: [
          { name: 'i', type: 'INT64', shape: [] },
          { name: 'on', type: 'BOOL', shape: [] },
          { name: 'x', type: 'FP32', shape },
        ],
        outputs: [
          { name: 'still', type: 'BOOL', shape: [] },
          { name: 'y', type: 'FP32', shape },
        ],
        nodes: [
          { op: 'Identity', inputs: ['on'], outputs: ['still'] },
          { op: 'Abs', inputs: ['x'], outputs: ['y'] },
        ],
      },
    },
  },
});

const GO: Initializer = { name: 'go', type: 'BOOL', shape: [], data: new Uint8Array([1]) };

/**
 * Gives out its rows, after as many steps as the largest number in them says: 1 is nothing, 10^12 is for ever. `rows` of 1 instead
 * of -1 keeps requests from sharing runs.
 */
export function countingModel(rows = -1, columns = 1): Uint8Array {
  const shape = [rows, columns];
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape }],
    outputs: [{ name: 'Y', type: 'FP32', shape }],
    initializers: [GO],
    nodes: [...LARGEST_ELEMENT, turnRound('asked', shape)],
  });
}

/** Counts to 10^12 for every input. */
export function endlessModel(): Uint8Array {
  const shape = [-1, 4];
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape }],
    outputs: [{ name: 'Y', type: 'FP32', shape }],
    initializers: [GO, int64('steps', [], [1_000_000_000_000n])],
    nodes: [turnRound('steps', shape)],
  });
}

/** Gives out its rows, after filling as many floats as the largest number in them says. */
export function hungryModel(columns = 1): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, columns] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, columns] }],
    initializers: [float('zero', [0]), int64('one', [1], [1n])],
    nodes: [
      ...LARGEST_ELEMENT,
      { op: 'Reshape', inputs: ['asked', 'one'], outputs: ['shape'] },
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['filled'] },
      { op: 'ReduceMax', inputs: ['filled'], outputs: ['nothing'], attributes: { keepdims: 0 } },
      { op: 'Mul', inputs: ['nothing', 'zero'], outputs: ['zeros'] },
      { op: 'Add', inputs: ['X', 'zeros'], outputs: ['Y'] },
    ],
  });
}

/** Fills this many floats for every input, when it is loaded or at the first run. */
export function greedyModel(floats: number): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
    initializers: [int64('shape', [2], [BigInt(floats) / 1000n, 1000n])],
    nodes: [
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['huge'] },
      { op: 'ReduceMax', inputs: ['huge'], outputs: ['most'], attributes: { keepdims: 0 } },
      { op: 'Add', inputs: ['X', 'most'], outputs: ['Y'] },
    ],
  });
}

/** Gives out as many zeros as the largest number in its rows says. */
export function talkativeModel(): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1] }],
    initializers: [int64('one', [1], [1n])],
    nodes: [
      ...LARGEST_ELEMENT,
      { op: 'Reshape', inputs: ['asked', 'one'], outputs: ['shape'] },
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['Y'] },
    ],
  });
}

/** The one number whose negative has no place in 32 bits: dividing it by -1 ends the process (SIGFPE) on x86 processors. */
export const CRASHES_ON = -(2 ** 31);

/** Divides its rows by -1. */
export function crashingModel(): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'INT32', shape: [-1, 1] }],
    outputs: [{ name: 'Y', type: 'INT32', shape: [-1, 1] }],
    initializers: [{ name: 'minus_one', type: 'INT32', shape: [1], data: rawBytes(new Int32Array([-1])) }],
    nodes: [{ op: 'Div', inputs: ['X', 'minus_one'], outputs: ['Y'] }],
  });
}

/** Gives out its rows of four floats, and crashes: when it is loaded, at its first run, or for rows of {@link CRASHES_ON}. */
export function crashingRowsModel(when: 'loaded' | 'first-run' | 'asked'): Uint8Array {
  const int32 = (name: string, value: number): Initializer => ({
    name,
    type: 'INT32',
    shape: [],
    data: rawBytes(new Int32Array([value])),
  });
  const number: Readonly<Record<typeof when, readonly Node[]>> = {
    // Of constants alone: the runtime works it out while it loads the model.
    loaded: [{ op: 'Identity', inputs: ['fatal'], outputs: ['number'] }],
    'first-run': [
      { op: 'ReduceMax', inputs: ['X'], outputs: ['largest'], attributes: { keepdims: 0 } },
      { op: 'Cast', inputs: ['largest'], outputs: ['whole'], attributes: { to: 6 } },
      { op: 'Mul', inputs: ['whole', 'nought'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['nothing', 'fatal'], outputs: ['number'] },
    ],
    asked: [
      { op: 'ReduceMax', inputs: ['X'], outputs: ['largest'], attributes: { keepdims: 0 } },
      { op: 'Cast', inputs: ['largest'], outputs: ['number'], attributes: { to: 6 } },
    ],
  };
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
    initializers: [int32('minus_one', -1), int32('nought', 0), int32('fatal', CRASHES_ON), float('zero', [0])],
    nodes: [
      ...number[when],
      { op: 'Div', inputs: ['number', 'minus_one'], outputs: ['quotient'] },
      { op: 'Cast', inputs: ['quotient'], outputs: ['asFloat'], attributes: { to: 1 } },
      { op: 'Mul', inputs: ['asFloat', 'zero'], outputs: ['zeros'] },
      { op: 'Add', inputs: ['X', 'zeros'], outputs: ['Y'] },
    ],
  });
}
