import { useSyncExternalStore } from 'react';

const TICK_MS = 5_000;

let now = new Date();
const listeners = new Set<() => void>();
let ticking: number | undefined;

function tick(): void {
  if (document.hidden) return;
  now = new Date();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (ticking === undefined) {
    now = new Date();
    ticking = window.setInterval(tick, TICK_MS);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(ticking);
    ticking = undefined;
    document.removeEventListener('visibilitychange', tick);
  };
}

/** The time, moving on every few seconds while the page is visible; one clock for the whole screen. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now);
}
