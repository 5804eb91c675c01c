import { bufferFor } from '../slab';

/** Smaller frames are cheap anyhow. */
const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Memory for the frames that a runner receives, one after another. Fresh memory for every large one is fresh from the system, which
 * clears it page by page: for an image of 600 KB that took as long as reading it.
 */
export class FrameMemory {
  private free: ArrayBuffer | undefined;

  take(bytes: number): Buffer {
    const { free } = this;
    if (free === undefined || bytes < LEAST_BYTES || bytes > free.byteLength) return bufferFor(bytes);
    this.free = undefined;
    return Buffer.from(free, 0, bytes);
  }

  /** Takes back the memory of a frame that nobody reads any more. */
  giveBack({ buffer, byteLength }: Buffer): void {
    if (byteLength < LEAST_BYTES || buffer.byteLength > MOST_BYTES) return;
    if (this.free === undefined || this.free.byteLength < buffer.byteLength) this.free = buffer as ArrayBuffer;
  }
}
