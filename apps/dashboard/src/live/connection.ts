import { useSyncExternalStore } from 'react';

/** When the server was last heard of, and since when it is not. */
export interface Connection {
  readonly heardAt: Date;
  readonly lostAt: Date | null;
}

let connection: Connection = { heardAt: new Date(), lostAt: null };
const listeners = new Set<() => void>();

function become(next: Connection): void {
  const changed = next.lostAt !== connection.lostAt;
  connection = next;
  if (changed) for (const listener of listeners) listener();
}

/** An answer came, whatever it said. */
export function heard(): void {
  become({ heardAt: new Date(), lostAt: null });
}

/** A request was not answered at all. */
export function lost(): void {
  become({ ...connection, lostAt: connection.lostAt ?? new Date() });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => connection);
}
