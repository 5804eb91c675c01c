import protobuf from 'protobufjs/minimal.js';

/** Numbers of the fields in onnx.proto that are rewritten. */
const MODEL = { graph: 7, opsetImport: 8 };
const OPSET = { domain: 1, version: 2 };
const GRAPH = { node: 1, output: 12 };
const NODE = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { name: 1, ints: 8, strings: 9 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { value: 1, parameter: 2 };

const FLOAT = 1;
/** The opset of the Identity that takes ZipMap's place, where the model imports none: any has it. */
const IDENTITY_OPSET = 13;

const WIRE = { varint: 0, bytes: 2 };
const tag = (field: number, wire: number): number => field * 8 + wire;

/** A model whose ZipMap outputs became tensors. */
export interface WithoutZipMap {
  /** The bytes of the model. */
  readonly model: Uint8Array;
  /** The classes along the last axis of each output that was one of maps. */
  readonly classes: ReadonlyMap<string, readonly string[]>;
}

/**
 * Rewrites a classifier that was exported with ZipMap, as skl2onnx does unless it is told not to: the outputs that were lists of
 * maps from class to probability become tensors `[rows, classes]` of the same name. The runtime for Node cannot give out maps.
 * Returns undefined where there is no such output.
 */
export function withoutZipMap(model: Uint8Array): WithoutZipMap | undefined {
  const graph = fieldsOf(model).find(({ number }) => number === MODEL.graph);
  if (graph === undefined) return undefined;
  const classes = new Map<string, readonly string[]>();
  const rewritten = rewriteGraph(graph.bytes, classes);
  if (classes.size === 0) return undefined;
  const writer = protobuf.Writer.create();
  for (const field of fieldsOf(model)) {
    if (field.number === MODEL.graph) writer.uint32(tag(MODEL.graph, WIRE.bytes)).bytes(rewritten);
    else writer.raw(field.raw);
  }
  if (!importsPlainOperators(model)) {
    const opset = protobuf.Writer.create().uint32(tag(OPSET.version, WIRE.varint)).int64(IDENTITY_OPSET).finish();
    writer.uint32(tag(MODEL.opsetImport, WIRE.bytes)).bytes(opset);
  }
  return { model: writer.finish(), classes };
}

function rewriteGraph(graph: Uint8Array, classes: Map<string, readonly string[]>): Uint8Array {
  const writer = protobuf.Writer.create();
  const fields = fieldsOf(graph);
  for (const field of fields) {
    if (field.number !== GRAPH.node) continue;
    const zipMap = readZipMap(field.bytes);
    if (zipMap !== undefined) classes.set(zipMap.output, zipMap.classes);
  }
  for (const field of fields) {
    const bytes = rewriteField(field, classes);
    if (bytes === undefined) writer.raw(field.raw);
    else writer.uint32(tag(field.number, WIRE.bytes)).bytes(bytes);
  }
  return writer.finish();
}

function rewriteField(
  { number, bytes }: Field,
  classes: ReadonlyMap<string, readonly string[]>,
): Uint8Array | undefined {
  if (number === GRAPH.node) {
    const zipMap = readZipMap(bytes);
    return zipMap === undefined ? undefined : identityNode(zipMap.input, zipMap.output);
  }
  if (number !== GRAPH.output) return undefined;
  const name = textOf(fieldsOf(bytes), VALUE.name);
  const labels = classes.get(name);
  return labels === undefined ? undefined : floatMatrix(name, labels.length);
}

interface ZipMap {
  readonly input: string;
  readonly output: string;
  readonly classes: readonly string[];
}

function readZipMap(node: Uint8Array): ZipMap | undefined {
  const fields = fieldsOf(node);
  if (textOf(fields, NODE.operator) !== 'ZipMap' || textOf(fields, NODE.domain) !== 'ai.onnx.ml') return undefined;
  const classes = fields.filter(({ number }) => number === NODE.attribute).flatMap(({ bytes }) => readClasses(bytes));
  return { input: textOf(fields, NODE.input), output: textOf(fields, NODE.output), classes };
}

/** The labels of `classlabels_int64s` or `classlabels_strings`, whichever the attribute is. */
function readClasses(attribute: Uint8Array): string[] {
  const fields = fieldsOf(attribute);
  if (!textOf(fields, ATTRIBUTE.name).startsWith('classlabels_')) return [];
  return fields.flatMap((field) => {
    if (field.number === ATTRIBUTE.strings) return [Buffer.from(field.bytes).toString()];
    return field.number === ATTRIBUTE.ints ? readIntegers(field).map(String) : [];
  });
}

/** One integer, or a packed list of them. */
function readIntegers({ wire, bytes }: Field): number[] {
  const reader = protobuf.Reader.create(bytes);
  const integers: number[] = [];
  while (reader.pos < reader.len) integers.push(Number(reader.int64()));
  return wire === WIRE.varint ? integers.slice(0, 1) : integers;
}

function identityNode(input: string, output: string): Uint8Array {
  return protobuf.Writer.create()
    .uint32(tag(NODE.input, WIRE.bytes))
    .string(input)
    .uint32(tag(NODE.output, WIRE.bytes))
    .string(output)
    .uint32(tag(NODE.operator, WIRE.bytes))
    .string('Identity')
    .finish();
}

/** The description of an output of 32-bit floats, `[rows, columns]` with the rows open. */
function floatMatrix(name: string, columns: number): Uint8Array {
  const rows = message([DIMENSION.parameter, Buffer.from('rows')]);
  const width = protobuf.Writer.create().uint32(tag(DIMENSION.value, WIRE.varint)).int64(columns).finish();
  const shape = message([SHAPE.dimension, rows], [SHAPE.dimension, width]);
  const tensor = protobuf.Writer.create()
    .uint32(tag(TENSOR_TYPE.elementType, WIRE.varint))
    .int32(FLOAT)
    .uint32(tag(TENSOR_TYPE.shape, WIRE.bytes))
    .bytes(shape)
    .finish();
  return message([VALUE.name, Buffer.from(name)], [VALUE.type, message([TYPE.tensor, tensor])]);
}

function message(...fields: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [number, bytes] of fields) writer.uint32(tag(number, WIRE.bytes)).bytes(bytes);
  return writer.finish();
}

function importsPlainOperators(model: Uint8Array): boolean {
  return fieldsOf(model).some(
    ({ number, bytes }) => number === MODEL.opsetImport && textOf(fieldsOf(bytes), OPSET.domain) === '',
  );
}

/** A field of a message as it stands: `raw` with its tag, `bytes` what it holds. */
interface Field {
  readonly number: number;
  readonly wire: number;
  readonly bytes: Uint8Array;
  readonly raw: Uint8Array;
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = protobuf.Reader.create(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const key = reader.uint32();
    const wire = key % 8;
    const contentStart = reader.pos;
    const content = wire === WIRE.bytes ? reader.bytes() : undefined;
    if (content === undefined) reader.skipType(wire);
    const held = content ?? bytes.subarray(contentStart, reader.pos);
    fields.push({ number: Math.floor(key / 8), wire, bytes: held, raw: bytes.subarray(start, reader.pos) });
  }
  return fields;
}

function textOf(fields: readonly Field[], number: number): string {
  const field = fields.find((candidate) => candidate.number === number);
  return field === undefined ? '' : Buffer.from(field.bytes).toString();
}
