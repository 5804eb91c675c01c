import { placeFor } from './slab';

/**
 * The tensor datatypes, under the names of the Open Inference Protocol. One table says everything about each; nothing else
 * in the product lists them again.
 */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

export type NumericArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Elements in row-major order. FP16 holds the 16 bits of each element; BOOL holds 0 or 1; BYTES holds text. */
export type TensorData = NumericArray | readonly string[];

type NumericArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
};

interface DatatypeFacts {
  /** What holds a tensor's elements; null where they are strings. */
  readonly array: NumericArrayConstructor | null;
  /** The runtime's name (onnxruntime-node `Tensor.type`). */
  readonly runtimeName: string;
  /** The name in an ONNX file's messages and in ONNX documentation, without `tensor(...)`. */
  readonly onnxName: string;
  /** Position in TensorProto.DataType of onnx.proto. */
  readonly onnxNumber: number;
  /** numpy's name, as MLflow signatures write it. */
  readonly numpyName: string;
  /** The one-byte code in frames between the server and a runner. */
  readonly code: number;
  readonly kind: 'boolean' | 'integer' | 'integer64' | 'float' | 'text';
}

export const DATATYPES: Readonly<Record<Datatype, DatatypeFacts>> = {
  BOOL: {
    array: Uint8Array,
    runtimeName: 'bool',
    onnxName: 'bool',
    onnxNumber: 9,
    numpyName: 'bool',
    code: 0,
    kind: 'boolean',
  },
  UINT8: {
    array: Uint8Array,
    runtimeName: 'uint8',
    onnxName: 'uint8',
    onnxNumber: 2,
    numpyName: 'uint8',
    code: 1,
    kind: 'integer',
  },
  UINT16: {
    array: Uint16Array,
    runtimeName: 'uint16',
    onnxName: 'uint16',
    onnxNumber: 4,
    numpyName: 'uint16',
    code: 2,
    kind: 'integer',
  },
  UINT32: {
    array: Uint32Array,
    runtimeName: 'uint32',
    onnxName: 'uint32',
    onnxNumber: 12,
    numpyName: 'uint32',
    code: 3,
    kind: 'integer',
  },
  UINT64: {
    array: BigUint64Array,
    runtimeName: 'uint64',
    onnxName: 'uint64',
    onnxNumber: 13,
    numpyName: 'uint64',
    code: 4,
    kind: 'integer64',
  },
  INT8: {
    array: Int8Array,
    runtimeName: 'int8',
    onnxName: 'int8',
    onnxNumber: 3,
    numpyName: 'int8',
    code: 5,
    kind: 'integer',
  },
  INT16: {
    array: Int16Array,
    runtimeName: 'int16',
    onnxName: 'int16',
    onnxNumber: 5,
    numpyName: 'int16',
    code: 6,
    kind: 'integer',
  },
  INT32: {
    array: Int32Array,
    runtimeName: 'int32',
    onnxName: 'int32',
    onnxNumber: 6,
    numpyName: 'int32',
    code: 7,
    kind: 'integer',
  },
  INT64: {
    array: BigInt64Array,
    runtimeName: 'int64',
    onnxName: 'int64',
    onnxNumber: 7,
    numpyName: 'int64',
    code: 8,
    kind: 'integer64',
  },
  FP16: {
    array: Uint16Array,
    runtimeName: 'float16',
    onnxName: 'float16',
    onnxNumber: 10,
    numpyName: 'float16',
    code: 9,
    kind: 'float',
  },
  FP32: {
    array: Float32Array,
    runtimeName: 'float32',
    onnxName: 'float',
    onnxNumber: 1,
    numpyName: 'float32',
    code: 10,
    kind: 'float',
  },
  FP64: {
    array: Float64Array,
    runtimeName: 'float64',
    onnxName: 'double',
    onnxNumber: 11,
    numpyName: 'float64',
    code: 11,
    kind: 'float',
  },
  BYTES: {
    array: null,
    runtimeName: 'string',
    onnxName: 'string',
    onnxNumber: 8,
    numpyName: 'str',
    code: 12,
    kind: 'text',
  },
};

const ALL = Object.keys(DATATYPES) as Datatype[];

const BY_RUNTIME_NAME = new Map(ALL.map((datatype) => [DATATYPES[datatype].runtimeName, datatype]));
const BY_ONNX_NUMBER = new Map(ALL.map((datatype) => [DATATYPES[datatype].onnxNumber, datatype]));
const BY_NUMPY_NAME = new Map(ALL.map((datatype) => [DATATYPES[datatype].numpyName, datatype]));
const BY_CODE = new Map(ALL.map((datatype) => [DATATYPES[datatype].code, datatype]));

export const datatypeFromRuntime = (name: string): Datatype | undefined => BY_RUNTIME_NAME.get(name);
export const datatypeFromOnnx = (number: number): Datatype | undefined => BY_ONNX_NUMBER.get(number);
export const datatypeFromNumpy = (name: string): Datatype | undefined =>
  name === 'object' ? 'BYTES' : BY_NUMPY_NAME.get(name);
export const datatypeFromCode = (code: number): Datatype | undefined => BY_CODE.get(code);
export const isDatatype = (name: string): name is Datatype => Object.hasOwn(DATATYPES, name);

/** Room for `length` elements: a typed array of zeros, or for BYTES a list of empty strings. */
export function allocate(datatype: Datatype, length: number): NumericArray | string[] {
  const { array: NumericArray } = DATATYPES[datatype];
  if (NumericArray === null) return new Array<string>(length).fill('');
  const { buffer, byteOffset } = placeFor(length * NumericArray.BYTES_PER_ELEMENT);
  return new NumericArray(buffer, byteOffset, length);
}
