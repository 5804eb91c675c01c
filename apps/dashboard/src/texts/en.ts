/**
 * Every text on screen, in one place: a translation is another object of this type. Functions are for what holds values.
 */
export const en = {
  product: 'Understudy',
  nav: {
    overview: 'Overview',
    registry: 'Registry',
    history: 'History',
    system: 'Replicas',
    access: 'Access',
    apiDocs: 'API docs',
    signOut: 'Sign out',
    skip: 'Skip to content',
    menu: 'Menu',
  },
  theme: { light: 'Light', dark: 'Dark', auto: 'As the system', label: 'Colour scheme' },
  slots: { current: 'Current', next: 'Next', previous: 'Previous' },
  states: {
    ready: 'ready',
    starting: 'starting',
    suspect: 'slow to answer',
    restarting: 'restarting',
    failed: 'failed',
    ended: 'ended',
    empty: 'empty',
    loading: 'loading',
  },
  unknown: 'no data yet',
  retry: 'Try again',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  apply: 'Apply',
  reason: { label: 'Reason', placeholder: 'Why? It is kept in the history.' },
  split: {
    words: (current: string, next: string): string => `current ${current} · next ${next}`,
    share: 'Share of requests that next answers, in percent',
    preset: (percent: number): string => `Next ${percent} %`,
    now: (current: string): string => `now ${current}`,
    after: (current: string): string => `after ${current}`,
  },
  stale: (seconds: number, shown: string): string => `Live updates lost ${seconds} s ago, showing ${shown}`,
} as const;

export type Texts = typeof en;

export const texts: Texts = en;
