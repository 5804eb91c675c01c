import type { Readable } from 'node:stream';
import { type DomainError } from '@understudy/platform';

/**
 * The chunks of a stream; a pause of more than `idleMs`, or a broken stream, ends it with the error that `failure` makes. The time
 * that the reader takes over a chunk does not count.
 */
export async function* withIdleTimeout(
  stream: Readable,
  idleMs: number,
  failure: (cause: unknown) => DomainError,
): AsyncGenerator<Uint8Array> {
  const startTimer = () =>
    setTimeout(() => {
      stream.destroy(new Error(`no byte came for ${idleMs} ms`));
    }, idleMs);
  let timer = startTimer();
  try {
    for await (const chunk of stream) {
      clearTimeout(timer);
      yield chunk as Uint8Array;
      timer = startTimer();
    }
  } catch (error) {
    throw failure(error);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
