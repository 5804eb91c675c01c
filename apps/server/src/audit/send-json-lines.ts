import { once } from 'node:events';
import type { Response } from 'express';

/** Sends texts as they come, no faster than the client reads. What fails before the first is thrown; after it the answer breaks off. */
export async function sendJsonLines(lines: AsyncIterable<string>, response: Response): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  let next = await iterator.next();
  response.status(200).setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  try {
    while (next.done !== true && !gone.signal.aborted) {
      if (!response.write(next.value)) await once(response, 'drain', { signal: gone.signal });
      next = await iterator.next();
    }
    response.end();
  } catch {
    // An answer that is cut off cannot be taken for a whole one.
    response.destroy();
  } finally {
    await iterator.return?.();
  }
}
