import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@understudy/platform';
import { quoted } from '../quoted';
import { type CachedFile, toManifest } from './cached-files';
import { FILES, RESERVATION } from './cache-layout';
import { onDisk } from './storage-failure';

export interface WriteLimits {
  /** Null where the registry does not list sizes. */
  readonly expectedBytes: number | null;
  /** What this file may have at most, whatever was listed. */
  readonly mostBytes: number;
}

/** A version being written into the cache. */
export class StagedVersion {
  private readonly written = new Map<string, CachedFile>();

  constructor(
    readonly directory: string,
    /** Does what takes room on the disk, and makes some where there is none. */
    private readonly makingRoom: (write: () => Promise<void>) => Promise<void>,
  ) {}

  /** What was written, by path: the order in which the files came says nothing about them. */
  get files(): readonly CachedFile[] {
    return [...this.written.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  get bytes(): number {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** The digest that the version has with what was written so far. */
  get digest(): string {
    return toManifest(this.files).digest;
  }

  /** Where the file with this path is, once {@link write} is done with it. */
  locate(path: string): string {
    return join(this.directory, FILES, path);
  }

  /**
   * Writes one file from a stream and makes it durable. `path` must have passed the rules for file names. The stream is opened
   * when there is a file to take it, so that none is left unread.
   * Throws DomainError `registry-bad-answer` when the stream is longer than listed, `registry-unavailable` when it is shorter,
   * `unsafe-model-files` when it is longer than a file may be, and `storage-failed`.
   */
  async write(
    path: string,
    openContent: () => Promise<AsyncIterable<Uint8Array>>,
    limits: WriteLimits,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const target = this.locate(path);
    await this.makingRoom(async () => {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    });
    const file = await onDisk(() => open(target, 'w', 0o600));
    try {
      const write = async (chunk: Uint8Array, at: number) => this.makingRoom(async () => writeAll(file, chunk, at));
      const { bytes, sha256 } = await copyInto(write, path, await openContent(), limits, onBytes);
      await onDisk(() => file.sync());
      this.written.set(path, { path, bytes, sha256 });
    } finally {
      await onDisk(() => file.close());
    }
  }

  /** Removes what was written. Never fails: the next start clears away what a failing disk would not let go of. */
  async discard(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true }).catch(() => undefined);
    await rm(`${this.directory}${RESERVATION}`, { force: true }).catch(() => undefined);
  }
}

/** Writes at a place of its own, so that what a full disk broke off is done again without harm. */
async function writeAll(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done, at + done);
    done += bytesWritten;
  }
}

async function copyInto(
  write: (chunk: Uint8Array, at: number) => Promise<void>,
  path: string,
  content: AsyncIterable<Uint8Array>,
  { expectedBytes, mostBytes }: WriteLimits,
  onBytes: (bytes: number) => void,
): Promise<{ bytes: number; sha256: string }> {
  const limit = Math.min(expectedBytes ?? mostBytes, mostBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    const at = bytes;
    bytes += chunk.byteLength;
    if (bytes > limit) throw limit === expectedBytes ? longerThanListed(path, limit) : tooLarge(path, limit);
    hash.update(chunk);
    await write(chunk, at);
    onBytes(chunk.byteLength);
  }
  if (expectedBytes !== null && bytes !== expectedBytes) {
    throw new DomainError(
      'registry-unavailable',
      `The registry listed ${expectedBytes} bytes for the file ${quoted(path)} and sent ${bytes}. Try again`,
    );
  }
  return { bytes, sha256: hash.digest('hex') };
}

function longerThanListed(path: string, listed: number): DomainError {
  return new DomainError(
    'registry-bad-answer',
    `The registry sent more than the ${listed} bytes it listed for the file ${quoted(path)}`,
  );
}

function tooLarge(path: string, limit: number): DomainError {
  return new DomainError(
    'unsafe-model-files',
    `The version was refused: its file ${quoted(path)} has more than the ${limit} bytes that are left for it; ` +
      'all files together may have UNDERSTUDY_MAX_MODEL_BYTES',
  );
}
