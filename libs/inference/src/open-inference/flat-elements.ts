import type { Datatype, TensorData } from '../datatype';
import { ElementError, ElementReader } from '../json/element-reader';
import type { JsonCursor } from '../json/json-cursor';
import { refuseEnd } from './expect-kind';
import { mismatch, type Where } from './refusal';

/** Fewest bytes that an element and its comma take in JSON; bounds the memory asked for before any element is read. */
const LEAST_BYTES_PER_ELEMENT = 2;

/**
 * Reads the elements of one tensor from a JSON array, which may be nested in any way: its leaves count, in the order of the text.
 * `bytesLeft` is at least the array's length in bytes. Throws RefusalError unless there are exactly `count` leaves that the
 * datatype holds.
 */
export function readFlatElements(
  cursor: JsonCursor,
  where: Where,
  datatype: Datatype,
  count: number,
  bytesLeft: number,
): TensorData {
  const elements = ElementReader.for(datatype, Math.min(count, Math.ceil(bytesLeft / LEAST_BYTES_PER_ELEMENT)));
  const leaves = new Leaves(cursor, where, elements, count);
  leaves.read();
  return elements.finish();
}

class Leaves {
  private count = 0;

  constructor(
    private readonly cursor: JsonCursor,
    private readonly where: Where,
    private readonly elements: ElementReader,
    private readonly expected: number,
  ) {}

  read(): void {
    if (this.elements.readPlainArray(this.cursor, this.expected)) return;
    try {
      this.readArray();
    } catch (error) {
      if (error instanceof ElementError) throw mismatch(`${this.where()}: data element ${this.count}: ${error.detail}`);
      throw error;
    }
    if (this.count !== this.expected) {
      throw mismatch(
        `${this.where()}: shape does not match true shape of 'data' field: expected ${this.expected} elements, got ${this.count}`,
      );
    }
  }

  /** Recurses no deeper than the cursor's limit. */
  private readArray(): void {
    const { cursor, elements, expected } = this;
    if (!cursor.enterArray()) return;
    do {
      const kind = cursor.peek();
      if (kind === 'array') {
        this.readArray();
        continue;
      }
      refuseEnd(cursor, kind);
      if (this.count === expected) throw this.tooMany();
      elements.read(cursor);
      this.count++;
    } while (cursor.nextElement());
  }

  private tooMany(): Error {
    return mismatch(
      `Shape does not match true shape of 'data' field of ${this.where()}: expected ${this.expected} elements, got more`,
    );
  }
}
