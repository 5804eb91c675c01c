import { type Datatype, DATATYPES, type TensorData } from '@understudy/inference';
import protobuf from 'protobufjs/minimal.js';

/**
 * Writes ONNX files for tests: real models of a few nodes, and files that no exporter would write. Field numbers as in onnx.proto.
 */

/** A datatype that serves, or a bare TensorProto.DataType number for those that do not. */
export type ElementType = Datatype | number;

export interface Value {
  readonly name: string;
  readonly type: ElementType;
  /** -1 for an open size; null leaves the shape out of the file. */
  readonly shape: readonly number[] | null;
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Raw little-endian bytes, texts, or where they are kept outside the file. */
  readonly data: Uint8Array | readonly string[] | { readonly external: Readonly<Record<string, string>> };
}

export type Attribute =
  | number
  | string
  | bigint
  | readonly number[]
  | readonly bigint[]
  | readonly string[]
  | Initializer
  | { readonly float: number }
  | { readonly graph: Graph };

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs?: readonly Value[];
  /** A ready-made type message stands for outputs that are no tensors. */
  readonly outputs: readonly (Value | { readonly name: string; readonly typeMessage: Uint8Array })[];
  readonly initializers?: readonly Initializer[];
}

export interface Model extends Graph {
  /** Operators that the model brings along: each gives out what it takes in, or what another operator makes of it. */
  readonly functions?: readonly { readonly domain: string; readonly name: string; readonly calls?: Node['op'] }[];
  readonly opsets?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
}

const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIXED32 = 5;

const tag = (field: number, wire: number): number => field * 8 + wire;

class Message {
  private readonly writer = protobuf.Writer.create();

  int(field: number, value: number | bigint): this {
    this.writer.uint32(tag(field, VARINT)).int64(value.toString());
    return this;
  }

  float(field: number, value: number): this {
    this.writer.uint32(tag(field, FIXED32)).float(value);
    return this;
  }

  text(field: number, value: string): this {
    this.writer.uint32(tag(field, LENGTH_DELIMITED)).string(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.writer.uint32(tag(field, LENGTH_DELIMITED)).bytes(value);
    return this;
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}

const elementType = (type: ElementType): number => (typeof type === 'number' ? type : DATATYPES[type].onnxNumber);

/** The bytes of numeric elements, as an initializer keeps them. */
export function rawBytes(data: Exclude<TensorData, readonly string[]>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function buildModel(model: Model): Uint8Array {
  const message = new Message().int(1, model.irVersion ?? 8).bytes(7, graphMessage(model));
  for (const [domain, version] of Object.entries(model.opsets ?? { '': 17 })) {
    message.bytes(8, new Message().text(1, domain).int(2, version).finish());
  }
  for (const { domain, name, calls } of model.functions ?? []) {
    const called = calls === undefined ? { op: 'Identity' } : { op: calls, domain };
    const identity = nodeMessage({ ...called, inputs: ['x'], outputs: ['y'] });
    const opset = new Message()
      .text(1, '')
      .int(2, model.opsets?.[''] ?? 17)
      .finish();
    const body = new Message().text(1, name).text(4, 'x').text(5, 'y').bytes(7, identity).bytes(9, opset);
    body.bytes(9, new Message().text(1, domain).int(2, 1).finish());
    message.bytes(25, body.text(10, domain).finish());
  }
  return message.finish();
}

function graphMessage({ nodes, inputs = [], outputs, initializers = [] }: Graph): Uint8Array {
  const message = new Message();
  for (const node of nodes) message.bytes(1, nodeMessage(node));
  message.text(2, 'graph');
  for (const initializer of initializers) message.bytes(5, tensorMessage(initializer));
  for (const input of inputs) message.bytes(11, valueMessage(input));
  for (const output of outputs) message.bytes(12, 'typeMessage' in output ? named(output) : valueMessage(output));
  return message.finish();
}

const named = ({ name, typeMessage }: { name: string; typeMessage: Uint8Array }): Uint8Array =>
  new Message().text(1, name).bytes(2, typeMessage).finish();

/** The type of an output that is a sequence of maps from int64 to float, as a classifier exported with ZipMap has. */
export function zipMapType(): Uint8Array {
  const float = new Message().bytes(1, new Message().int(1, 1).finish()).finish();
  const map = new Message().bytes(5, new Message().int(1, 7).bytes(2, float).finish()).finish();
  return new Message().bytes(4, new Message().bytes(1, map).finish()).finish();
}

function nodeMessage({ op, inputs, outputs, attributes = {}, domain }: Node): Uint8Array {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(4, op);
  for (const [name, attribute] of Object.entries(attributes)) message.bytes(5, attributeMessage(name, attribute));
  if (domain !== undefined) message.text(7, domain);
  return message.finish();
}

const KIND = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 };

function attributeMessage(name: string, value: Attribute): Uint8Array {
  const message = new Message().text(1, name);
  if (typeof value === 'number' || typeof value === 'bigint') message.int(3, value).int(20, KIND.int);
  else if (typeof value === 'string') message.text(4, value).int(20, KIND.string);
  else if (Array.isArray(value)) listAttribute(message, value as readonly (number | bigint | string)[]);
  else if ('float' in value) message.float(2, value.float).int(20, KIND.float);
  else if ('graph' in value) message.bytes(6, graphMessage(value.graph)).int(20, KIND.graph);
  else message.bytes(5, tensorMessage(value as Initializer)).int(20, KIND.tensor);
  return message.finish();
}

function listAttribute(message: Message, values: readonly (number | bigint | string)[]): void {
  for (const value of values) {
    if (typeof value === 'string') message.text(9, value);
    else if (typeof value === 'bigint' || Number.isInteger(value)) message.int(8, value);
    else message.float(7, value);
  }
  const [first] = values;
  message.int(
    20,
    typeof first === 'string'
      ? KIND.strings
      : typeof first === 'number' && !Number.isInteger(first)
        ? KIND.floats
        : KIND.ints,
  );
}

function tensorMessage({ name, type, shape, data }: Initializer): Uint8Array {
  const message = new Message();
  for (const size of shape) message.int(1, size);
  message.int(2, elementType(type));
  if (data instanceof Uint8Array) message.bytes(9, data);
  else if (Array.isArray(data)) for (const text of data as readonly string[]) message.text(6, text);
  message.text(8, name);
  if ('external' in data) {
    for (const [key, value] of Object.entries(data.external)) {
      message.bytes(13, new Message().text(1, key).text(2, value).finish());
    }
    message.int(14, 1);
  }
  return message.finish();
}

function valueMessage({ name, type, shape }: Value): Uint8Array {
  const tensorType = new Message().int(1, elementType(type));
  if (shape !== null) {
    const dimensions = new Message();
    shape.forEach((size, axis) => {
      const dimension = new Message();
      if (size < 0) dimension.text(2, `dimension_${axis}`);
      else dimension.int(1, size);
      dimensions.bytes(1, dimension.finish());
    });
    tensorType.bytes(2, dimensions.finish());
  }
  return named({ name, typeMessage: new Message().bytes(1, tensorType.finish()).finish() });
}
