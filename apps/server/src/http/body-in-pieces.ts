import { DomainError } from '@understudy/platform';

/** So many pieces are put together at a time: a piece of one byte takes a hundred times as much while it lies by itself. */
const MOST_LOOSE_PIECES = 1024;

/** A body may come in this many pieces whatever their size; beyond, they must have {@link LEAST_BYTES_PER_PIECE} on average. */
const ALWAYS_TAKEN_PIECES = 65_536;
const LEAST_BYTES_PER_PIECE = 64;

/** The pieces of a body as they come. However small they are, they take little more memory than their bytes. */
export class BodyInPieces {
  bytes = 0;
  private pieces = 0;
  private loose: Buffer[] = [];
  private readonly together: Buffer[] = [];

  add(piece: Buffer): void {
    this.bytes += piece.length;
    this.pieces++;
    this.loose.push(piece);
    if (this.loose.length < MOST_LOOSE_PIECES) return;
    this.together.push(Buffer.concat(this.loose));
    this.loose = [];
  }

  /** The problem with a body in so many small pieces that taking them in costs more than reading it; undefined where it has none. */
  whyTooManyPieces(): DomainError | undefined {
    if (this.pieces <= ALWAYS_TAKEN_PIECES || this.bytes >= this.pieces * LEAST_BYTES_PER_PIECE) return undefined;
    return new DomainError(
      'invalid-body',
      `The body comes in more than ${ALWAYS_TAKEN_PIECES} chunks of fewer than ${LEAST_BYTES_PER_PIECE} bytes. Send larger ones`,
    );
  }

  whole(): Buffer {
    const [only, another] = this.loose;
    if (only !== undefined && another === undefined && this.together.length === 0) return only;
    return Buffer.concat([...this.together, ...this.loose], this.bytes);
  }
}
