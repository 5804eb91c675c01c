import type { RunUnderWay } from './lane';

/** Whoever sends a request may want to know how it fared. Called for every run: it must cost next to nothing and never throw. */
export interface RunObserver {
  /** One of its requests waited this long until the runner was at it. */
  waited(ms: number): void;
  /** A run took this long. Of the requests that shared it only the first one's observer is told, so that each run counts once. */
  ran(rows: number, ms: number): void;
}

/** Tells the observers of a run that took `ms`. */
export function tellObservers({ members, rows, sinceMs }: RunUnderWay, ms: number): void {
  members[0]?.observer?.ran(rows, ms);
  for (const { observer, addedMs } of members) observer?.waited(sinceMs - addedMs);
}
