import type { Readable } from 'node:stream';
import { type DomainError } from '@understudy/platform';

/** The chunks of a stream; a pause of more than `idleMs`, or a broken stream, ends it with the error that `failure` makes. */
export async function* withIdleTimeout(
  stream: Readable,
  idleMs: number,
  failure: (cause: unknown) => DomainError,
): AsyncGenerator<Uint8Array> {
  const timer = setTimeout(() => {
    stream.destroy(new Error(`no byte came for ${idleMs} ms`));
  }, idleMs);
  try {
    for await (const chunk of stream) {
      timer.refresh();
      yield chunk as Uint8Array;
      timer.refresh();
    }
  } catch (error) {
    throw failure(error);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
