import { useSyncExternalStore } from 'react';

/**
 * How what is on screen is kept up to date: by the stream; by asking now and then, where there is none; or not yet decided, at the
 * start and while the page is hidden.
 */
export type Phase = 'connecting' | 'live' | 'polling';

/** When the server was last heard of, since when it is not, and how it is listened to. */
export interface Connection {
  readonly phase: Phase;
  readonly heardAt: Date;
  readonly lostAt: Date | null;
}

let connection: Connection = { phase: 'connecting', heardAt: new Date(), lostAt: null };
const listeners = new Set<() => void>();

function become(next: Connection): void {
  const changed = next.lostAt !== connection.lostAt || next.phase !== connection.phase;
  connection = next;
  if (changed) for (const listener of listeners) listener();
}

/** Something came from the server, whatever it said. */
export function heard(): void {
  become({ ...connection, heardAt: new Date(), lostAt: null });
}

/** The server did not answer at all, or broke off; `since` where that began earlier. */
export function lost(since = new Date()): void {
  become({ ...connection, lostAt: connection.lostAt ?? since });
}

export function listensBy(phase: Phase): void {
  become({ ...connection, phase });
}

export const phaseNow = (): Phase => connection.phase;

export function onConnectionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function useConnection(): Connection {
  return useSyncExternalStore(onConnectionChange, () => connection);
}
