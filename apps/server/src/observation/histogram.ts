/** What a histogram counted, to be added to another with the same bounds. */
export interface Observed {
  readonly counts: Float64Array;
  readonly sum: number;
}

/** Counts values by the smallest bound that they do not pass. Plain arrays: observing is a search of some nanoseconds and two sums. */
export class Histogram {
  /** One for each bound, and the last for what passes them all. Not cumulative. */
  readonly counts: Float64Array;
  private total = 0;

  /** @param bounds Ascending, inclusive. */
  constructor(readonly bounds: Float64Array) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  get sum(): number {
    return this.total;
  }

  get count(): number {
    let count = 0;
    for (const inBucket of this.counts) count += inBucket;
    return count;
  }

  observe(value: number): void {
    const { bounds } = this;
    let from = 0;
    let to = bounds.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (value > (bounds[middle] as number)) from = middle + 1;
      else to = middle;
    }
    this.counts[from] = (this.counts[from] as number) + 1;
    this.total += value;
  }

  /** What was observed since the last take; it counts from nothing again. */
  take(): Observed {
    const taken = { counts: this.counts.slice(), sum: this.total };
    this.counts.fill(0);
    this.total = 0;
    return taken;
  }

  add({ counts, sum }: Observed): void {
    for (const [at, count] of counts.entries()) this.counts[at] = (this.counts[at] as number) + count;
    this.total += sum;
  }
}
