/** Both shares of a split as people read them, with one decimal: `70.0%` and `30.0%`. */
export function describeSplit(canaryProbability: number): { readonly current: string; readonly next: string } {
  return { current: percentage(canaryProbability), next: percentage(1 - canaryProbability) };
}

const percentage = (share: number): string => `${(share * 100).toFixed(1)}%`;
