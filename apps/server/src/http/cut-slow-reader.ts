import type { ServerResponse } from 'node:http';

/** A client that takes nothing of its answer for so long is cut; Node notices after one to two times that. */
export const SLOW_READER_MS = 10_000;

/**
 * To be called after the answer was ended. Where the system's buffer took it whole nothing is left to do; else the connection is
 * cut when it makes no progress, so that an answer that nobody reads does not stay in memory.
 */
export function cutSlowReader(response: ServerResponse): void {
  if (response.writableLength > 0) response.setTimeout(SLOW_READER_MS);
}
