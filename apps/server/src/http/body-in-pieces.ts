import { DomainError } from '@understudy/platform';

/** So many pieces are put together at a time: a piece of one byte takes a hundred times as much while it lies by itself. */
const MOST_LOOSE_PIECES = 1024;

/** A body may come in this many pieces whatever their size; beyond, they must have {@link LEAST_BYTES_PER_PIECE} on average. */
const ALWAYS_TAKEN_PIECES = 65_536;
const LEAST_BYTES_PER_PIECE = 64;

/** The pieces of a body as they come. However small they are, they take little more memory than their bytes. */
export class BodyInPieces {
  private bytes = 0;
  private pieces = 0;
  private loose: Buffer[] = [];
  private readonly together: Buffer[] = [];

  constructor(private readonly limitBytes: number) {}

  add(piece: Buffer): void {
    this.bytes += piece.length;
    this.pieces++;
    this.loose.push(piece);
    if (this.loose.length < MOST_LOOSE_PIECES) return;
    this.together.push(Buffer.concat(this.loose));
    this.loose = [];
  }

  /** Why no more of the body is taken: its size, or so many small pieces that taking them in costs more than reading it. */
  whyRefused(): DomainError | undefined {
    if (this.bytes > this.limitBytes) return tooLarge(this.limitBytes);
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

export function tooLarge(limitBytes: number): DomainError {
  return new DomainError(
    'body-too-large',
    `The body has more than ${limitBytes} bytes. Send fewer rows at a time, or raise UNDERSTUDY_MAX_JSON_BYTES ` +
      '(for tensors as binary data UNDERSTUDY_MAX_BODY_BYTES)',
  );
}
