import { isUtf8 } from 'node:buffer';
import { type Datatype, DATATYPES, type NumericArray, type TensorData } from '../datatype';
import { ElementError, wholeText } from '../json/element-reader';
import { mismatch, type Where } from './refusal';

const LENGTH_BYTES = 4;

/**
 * The elements of a tensor from its bytes: little-endian, row-major, packed. A view where the bytes are aligned, else a copy; BOOL
 * holds 0 and 1 only; BYTES elements are UTF-8 after a u32 length. Throws RefusalError where the bytes are not `count` elements.
 */
export function readBinaryElements(bytes: Uint8Array, where: Where, datatype: Datatype, count: number): TensorData {
  const { array: NumericArray } = DATATYPES[datatype];
  if (NumericArray === null) return readTexts(bytes, where, count);
  const expected = count * NumericArray.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== expected) {
    throw mismatch(
      `input byte size mismatch for ${where()}: ${count} elements of ${datatype} are due. Expected ${expected}, got ${bytes.byteLength}`,
    );
  }
  if (datatype === 'BOOL') return normalised(bytes);
  const aligned = bytes.byteOffset % NumericArray.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new NumericArray(aligned.buffer, aligned.byteOffset, count);
}

function normalised(bytes: Uint8Array): NumericArray {
  // A loop: `every` and `map` with a callback take ten times as long.
  let at = 0;
  while (at < bytes.length && (bytes[at] as number) <= 1) at++;
  if (at === bytes.length) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const truths = new Uint8Array(bytes);
  for (; at < truths.length; at++) if (truths[at] !== 0) truths[at] = 1;
  return truths;
}

function readTexts(bytes: Uint8Array, where: Where, count: number): string[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = 0;
  while (at < view.length) {
    if (texts.length === count) {
      throw mismatch(
        `unexpected number of string elements for ${where()}: expected ${count}, got more; ${view.length - at} bytes are left`,
      );
    }
    if (view.length - at < LENGTH_BYTES) {
      throw mismatch(
        `incomplete string length indicator for ${where()}: element ${texts.length} has ${view.length - at} of its ${LENGTH_BYTES} bytes`,
      );
    }
    const size = view.readUInt32LE(at);
    at += LENGTH_BYTES;
    if (size > view.length - at) {
      throw mismatch(
        `incomplete string for ${where()}: element ${texts.length} says ${size} bytes, ${view.length - at} are left`,
      );
    }
    texts.push(readText(view.subarray(at, at + size), () => `${where()}: element ${texts.length}`));
    at += size;
  }
  if (texts.length < count) throw mismatch(`expected ${count} string elements for ${where()}, got ${texts.length}`);
  return texts;
}

/** The text that these bytes are in UTF-8. Throws RefusalError where the runtime's strings could not hold them unchanged. */
export function readText(bytes: Buffer, where: Where): string {
  if (!isUtf8(bytes)) {
    throw mismatch(
      `${where()}: its bytes are not UTF-8; BYTES are text here, because the runtime's strings are; send text, or encode the bytes (base64)`,
    );
  }
  try {
    return wholeText(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof ElementError) throw mismatch(`${where()}: ${error.detail}`);
    throw error;
  }
}

/** The bytes of a tensor's elements as the protocol has them; numeric elements are not copied. */
export function writeBinaryElements(datatype: Datatype, data: TensorData): Uint8Array {
  if (DATATYPES[datatype].array !== null) {
    const { buffer, byteOffset, byteLength } = data as NumericArray;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const texts = data as readonly string[];
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at = bytes.writeUInt32LE(lengths[index] as number, at);
    at += bytes.write(text, at);
  }
  return bytes;
}
