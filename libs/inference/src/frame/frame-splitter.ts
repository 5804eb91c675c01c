import { decodeFrame, type Frame, FRAME_PREFIX_BYTES } from './frame';
import { FrameMemory } from './frame-memory';

/** Where bytes are read to. What is missing of a frame and is more than this, is read to its place at once. */
const SHARED_BYTES = 64 * 1024;

/**
 * Cuts a stream of bytes into frames. Every frame gets memory of its own, aligned. Bytes come to {@link nextTarget}: small frames are
 * copied from there, most of a large one is read to where it stays.
 */
export class FrameSplitter {
  private readonly shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  private target: Buffer | undefined;
  private readonly prefix = Buffer.alloc(FRAME_PREFIX_BYTES);
  private prefixBytes = 0;
  private frame: Buffer | undefined;
  private frameBytes = 0;

  /** `onFrame` also gets the memory that the frame's tensors are views of, to give it back to `memory` if it likes. */
  constructor(
    private readonly onFrame: (frame: Frame, bytes: Buffer) => void,
    private readonly memory = new FrameMemory(),
  ) {}

  /** Where the next bytes are to go; undefined: where those before went. */
  nextTarget(): Buffer | undefined {
    const { frame, frameBytes, target, shared } = this;
    if (frame !== undefined && frame.length - frameBytes > SHARED_BYTES) this.target = frame.subarray(frameBytes);
    else this.target = shared;
    return this.target === target ? undefined : this.target;
  }

  /** So many bytes lie at the beginning of the target. */
  read(bytes: number): true {
    if (this.target === this.shared) this.push(this.shared.subarray(0, bytes));
    else {
      this.frameBytes += bytes;
      if (this.frame?.length === this.frameBytes) this.finish(this.frame);
    }
    return true;
  }

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
    if (this.frameBytes === frame.length) this.finish(frame);
    return from + taken;
  }

  private finish(frame: Buffer): void {
    this.frame = undefined;
    this.onFrame(decodeFrame(frame), frame);
  }
}
