import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;

/** The bytes are no Protocol Buffers message. */
export class ProtoError extends Error {}

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Walks a Protocol Buffers message in a file through a small window, skipping over what is not asked for: a model of gigabytes
 * is examined in kilobytes of memory. (protobufjs reads messages from memory only.)
 */
export class ProtoReader {
  private readonly window = Buffer.alloc(WINDOW_BYTES);
  private windowStart = 0;
  private windowEnd = 0;
  private position = 0;

  private constructor(
    private readonly file: number,
    readonly size: number,
  ) {}

  static read<Result>(path: string, action: (reader: ProtoReader) => Result): Result {
    const file = openSync(path, 'r');
    try {
      return action(new ProtoReader(file, fstatSync(file).size));
    } finally {
      closeSync(file);
    }
  }

  /** How far it has come. */
  get offset(): number {
    return this.position;
  }

  /** Calls `field` for each field up to `end`; a field that it does not read is skipped. */
  message(end: number, field: (number: number, wire: number) => void): void {
    while (this.position < end) {
      const tag = this.varint();
      const wire = tag % 8;
      const number = Math.floor(tag / 8);
      if (number <= 0) throw new ProtoError('its bytes are no ONNX');
      const start = this.position;
      field(number, wire);
      if (this.position === start) this.skip(wire);
      if (this.position > end) throw new ProtoError('a field is longer than its message');
    }
  }

  /** A nested message. */
  nested(field: (number: number, wire: number) => void): void {
    this.message(this.endOfBytes(), field);
  }

  /** An unsigned integer. Exact up to 2^53; negative ones (ten bytes) come out as negative numbers. */
  varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      if (shift === 0n && byte < 0x80) return byte;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtoError('a number of more than ten bytes');
  }

  text(mostBytes = 64 * 1024): string {
    const end = this.endOfBytes();
    const length = end - this.position;
    if (length > mostBytes) throw new ProtoError(`a name of ${length} bytes`);
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) bytes[at] = this.byte();
    return bytes.toString('utf8');
  }

  /** Steps to the first byte of a length-delimited field and returns where it ends. */
  private endOfBytes(): number {
    const length = this.varint();
    const end = this.position + length;
    if (length < 0 || end > this.size) throw new ProtoError('a field is longer than the file');
    return end;
  }

  private skip(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        this.varint();
        return;
      case WIRE.fixed64:
        this.position += 8;
        return;
      case WIRE.bytes:
        this.position = this.endOfBytes();
        return;
      case WIRE.fixed32:
        this.position += 4;
        return;
      default:
        throw new ProtoError('a field of an unknown kind');
    }
  }

  private byte(): number {
    if (this.position < this.windowStart || this.position >= this.windowEnd) this.fill();
    return this.window[this.position++ - this.windowStart] as number;
  }

  private fill(): void {
    const read = readSync(this.file, this.window, 0, WINDOW_BYTES, this.position);
    if (read === 0) throw new ProtoError('the file ends within a field');
    this.windowStart = this.position;
    this.windowEnd = this.position + read;
  }
}
