import { decodeFrame, type Frame, FRAME_PREFIX_BYTES } from './frame';
import { FrameMemory } from './frame-memory';

/** Cuts a stream of bytes into frames. Every frame gets memory of its own, aligned, filled as the bytes come: one copy. */
export class FrameSplitter {
  private readonly prefix = Buffer.alloc(FRAME_PREFIX_BYTES);
  private prefixBytes = 0;
  private frame: Buffer | undefined;
  private frameBytes = 0;

  /** `onFrame` also gets the memory that the frame's tensors are views of, to give it back to `memory` if it likes. */
  constructor(
    private readonly onFrame: (frame: Frame, bytes: Buffer) => void,
    private readonly memory = new FrameMemory(),
  ) {}

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length)
      at = this.frame === undefined ? this.readPrefix(chunk, at) : this.readBody(chunk, at, this.frame);
  }

  private readPrefix(chunk: Buffer, from: number): number {
    const taken = chunk.copy(this.prefix, this.prefixBytes, from, from + FRAME_PREFIX_BYTES - this.prefixBytes);
    this.prefixBytes += taken;
    if (this.prefixBytes === FRAME_PREFIX_BYTES) {
      this.frame = this.memory.take(FRAME_PREFIX_BYTES + this.prefix.readUInt32LE(0));
      this.prefix.copy(this.frame);
      this.frameBytes = FRAME_PREFIX_BYTES;
      this.prefixBytes = 0;
    }
    return from + taken;
  }

  private readBody(chunk: Buffer, from: number, frame: Buffer): number {
    const taken = chunk.copy(frame, this.frameBytes, from, from + frame.length - this.frameBytes);
    this.frameBytes += taken;
    if (this.frameBytes === frame.length) {
      this.frame = undefined;
      this.onFrame(decodeFrame(frame), frame);
    }
    return from + taken;
  }
}
