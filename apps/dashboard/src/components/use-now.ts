import { useSyncExternalStore } from 'react';

/** One clock for whatever on the screen shows it: it stands while the page is hidden, and is right again when it is shown. */
class ScreenClock {
  private now = new Date();
  private readonly listeners = new Set<() => void>();
  private ticking: number | undefined;

  constructor(private readonly tickMs: number) {}

  readonly read = (): Date => this.now;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.ticking === undefined) {
      this.now = new Date();
      this.ticking = window.setInterval(this.tick, this.tickMs);
      document.addEventListener('visibilitychange', this.tick);
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      window.clearInterval(this.ticking);
      this.ticking = undefined;
      document.removeEventListener('visibilitychange', this.tick);
    };
  };

  private readonly tick = (): void => {
    if (document.hidden) return;
    this.now = new Date();
    for (const listener of this.listeners) listener();
  };
}

const slow = new ScreenClock(5_000);
const seconds = new ScreenClock(1_000);

/** The time, moving on every few seconds: for what was a while ago. */
export function useNow(): Date {
  return useSyncExternalStore(slow.subscribe, slow.read);
}

/** The time, moving on each second: for what somebody waits for. */
export function useSeconds(): Date {
  return useSyncExternalStore(seconds.subscribe, seconds.read);
}
