import { allocate, DATATYPES, type Datatype, datatypeFromCode, type NumericArray, type TensorData } from '../datatype';
import { bufferFor } from '../slab';
import { elementCount } from '../tensor';

/**
 * The messages between the server and a runner: length-prefixed frames on a Unix socket, all numbers little-endian.
 *
 *     u32 bytes that follow   u32 id   u8 kind   u8 0   u16 tensors
 *     for each tensor:  u16 index   u8 datatype   u8 rank   u32 bytes   u32 size of each axis
 *     zeros up to a multiple of 8, then each tensor's elements, each padded to a multiple of 8
 *
 * Elements are aligned within the frame, so that a received tensor is a view of it and not a copy. BYTES elements are a u32
 * length and UTF-8. The frame of a failure carries one BYTES tensor with one element, the sentence. `notify` asks the runner to say
 * with `begun` when it comes to a run of this connection: where several connections share a runner, each else sees only its own runs.
 */
export const FRAME_KINDS = { run: 0, result: 1, failure: 2, notify: 3, begun: 4 } as const;

export type FrameKind = keyof typeof FRAME_KINDS;

/** A tensor in a frame: which input or output of the signature it is, and its elements, in one piece or several. */
export interface FrameTensor {
  readonly index: number;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly pieces: readonly TensorData[];
}

export interface ReceivedTensor {
  readonly index: number;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface Frame {
  readonly kind: FrameKind;
  readonly id: number;
  readonly tensors: readonly ReceivedTensor[];
}

const KIND_BY_CODE = Object.keys(FRAME_KINDS) as FrameKind[];

export const FRAME_PREFIX_BYTES = 4;
const HEAD_BYTES = 12;
const TENSOR_HEAD_BYTES = 8;
const ALIGNMENT = 8;

/** Elements up to this many bytes are copied into one buffer with the head; larger ones are handed to the socket as they are. */
const COPY_LIMIT_BYTES = 32 * 1024;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
if (!LITTLE_ENDIAN) throw new Error('Understudy runs on little-endian machines only');

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** The bytes of one frame, as buffers to be written one after another. Numeric elements of large tensors are not copied. */
export function encodeFrame(kind: FrameKind, id: number, tensors: readonly FrameTensor[]): Uint8Array[] {
  const payloads = tensors.map(payloadOf);
  const sizes = payloads.map(byteLengthOf);
  let headBytes = HEAD_BYTES;
  let total = 0;
  for (const [position, { shape }] of tensors.entries()) {
    headBytes += TENSOR_HEAD_BYTES + 4 * shape.length;
    total += aligned(sizes[position] as number);
  }
  const start = aligned(headBytes);
  total += start;
  const copied = total <= COPY_LIMIT_BYTES;
  const head = bufferFor(copied ? total : start);
  writeHead(head, total, kind, id, tensors, sizes);
  if (!copied) return [head, ...withPadding(payloads)];
  let offset = start;
  for (const [position, pieces] of payloads.entries()) {
    copyInto(head, offset, (tensors[position] as FrameTensor).datatype, pieces);
    offset += aligned(sizes[position] as number);
  }
  return [head];
}

function writeHead(
  head: Buffer,
  total: number,
  kind: FrameKind,
  id: number,
  tensors: readonly FrameTensor[],
  sizes: readonly number[],
): void {
  head.writeUInt32LE(total - FRAME_PREFIX_BYTES, 0);
  head.writeUInt32LE(id, 4);
  head.writeUInt8(FRAME_KINDS[kind], 8);
  head.writeUInt16LE(tensors.length, 10);
  let at = HEAD_BYTES;
  for (const [position, { index, datatype, shape }] of tensors.entries()) {
    head.writeUInt16LE(index, at);
    head.writeUInt8(DATATYPES[datatype].code, at + 2);
    head.writeUInt8(shape.length, at + 3);
    head.writeUInt32LE(sizes[position] as number, at + 4);
    at += TENSOR_HEAD_BYTES;
    for (const size of shape) at = head.writeUInt32LE(size, at);
  }
}

/** `offset` is aligned to 8 bytes and `target` begins at such a place, so the copy goes by elements. */
function copyInto(target: Buffer, offset: number, datatype: Datatype, pieces: readonly NumericArray[]): void {
  const ElementArray = DATATYPES[datatype].array ?? Uint8Array;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const elements = new ElementArray(target.buffer, target.byteOffset + offset, length) as Float64Array;
  let at = 0;
  for (const piece of pieces) {
    elements.set(piece as Float64Array, at);
    at += piece.length;
  }
}

function withPadding(payloads: readonly (readonly NumericArray[])[]): Uint8Array[] {
  return payloads.flatMap((pieces) => {
    const bytes = pieces.map((piece) => new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    const size = byteLengthOf(pieces);
    return aligned(size) === size ? bytes : [...bytes, new Uint8Array(aligned(size) - size)];
  });
}

function byteLengthOf(pieces: readonly NumericArray[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.byteLength;
  return bytes;
}

function payloadOf(tensor: FrameTensor): readonly NumericArray[] {
  return DATATYPES[tensor.datatype].array === null ? encodeTexts(tensor) : (tensor.pieces as readonly NumericArray[]);
}

function encodeTexts({ pieces }: FrameTensor): [Uint8Array] {
  const texts = (pieces as readonly (readonly string[])[]).flat();
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at = bytes.writeUInt32LE(lengths[index] as number, at);
    at += bytes.write(text, at);
  }
  return [bytes];
}

/** Reads one whole frame, its length prefix included, from memory that is aligned to 8 bytes. Tensors are views of it. */
export function decodeFrame(bytes: Buffer): Frame {
  const kind = KIND_BY_CODE[bytes.readUInt8(8)];
  if (kind === undefined) throw new Error('a frame of an unknown kind');
  const count = bytes.readUInt16LE(10);
  const tensors: ReceivedTensor[] = [];
  let head = HEAD_BYTES;
  let elements = aligned(endOfHeads(bytes, count));
  for (let tensor = 0; tensor < count; tensor++) {
    const datatype = datatypeFromCode(bytes.readUInt8(head + 2));
    if (datatype === undefined) throw new Error('a frame with an unknown datatype');
    const rank = bytes.readUInt8(head + 3);
    const size = bytes.readUInt32LE(head + 4);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) shape.push(bytes.readUInt32LE(head + TENSOR_HEAD_BYTES + 4 * axis));
    const data = readElements(bytes, elements, size, datatype, elementCount(shape));
    tensors.push({ index: bytes.readUInt16LE(head), datatype, shape, data });
    head += TENSOR_HEAD_BYTES + 4 * rank;
    elements += aligned(size);
  }
  return { kind, id: bytes.readUInt32LE(4), tensors };
}

function endOfHeads(bytes: Buffer, count: number): number {
  let at = HEAD_BYTES;
  for (let tensor = 0; tensor < count; tensor++) at += TENSOR_HEAD_BYTES + 4 * bytes.readUInt8(at + 3);
  return at;
}

function readElements(bytes: Buffer, from: number, size: number, datatype: Datatype, length: number): TensorData {
  const { array: NumericArray } = DATATYPES[datatype];
  if (NumericArray !== null) {
    if (length * NumericArray.BYTES_PER_ELEMENT !== size || from + size > bytes.length)
      throw new Error('a frame whose sizes disagree');
    return new NumericArray(bytes.buffer, bytes.byteOffset + from, length);
  }
  const texts = allocate(datatype, length) as string[];
  let at = from;
  for (let index = 0; index < length; index++) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > from + size) throw new Error('a frame whose sizes disagree');
    texts[index] = bytes.toString('utf8', at + 4, end);
    at = end;
  }
  return texts;
}

/** The sentence that a failure frame carries. */
export function encodeFailure(id: number, sentence: string): Uint8Array[] {
  return encodeFrame('failure', id, [{ index: 0, datatype: 'BYTES', shape: [1], pieces: [[sentence]] }]);
}

export function failureSentence(frame: Frame): string {
  return String(frame.tensors[0]?.data[0] ?? 'no reason given');
}
