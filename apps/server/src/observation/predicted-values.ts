import { fromFloat16Bits, type NumericArray } from '@understudy/inference';
import type { OutputRange } from '@understudy/model-slots';
import { type Counts, OTHER_LABELS } from '@understudy/store';
import { rangeLabel, RANGES, rangeOf } from './value-ranges';

/** Rows of one request that are looked at, evenly spread: what a large request predicts is seen in these well enough. */
const ROWS_LOOKED_AT = 32;

/** Integer labels from 0 up to here are counted in an array, the others by name. */
const SMALL_LABELS = 64;

/** Different labels that are told apart between two takes; a model that predicts texts must not fill the memory. */
const MAX_LABELS = 500;

const LONGEST_LABEL = 100;

/** More classes than this are no cheap look. */
const MAX_CLASSES = 100;
const SUM_TOLERANCE = 1e-3;

/**
 * How often a model predicted what: labels (integers, booleans, texts) by themselves, numbers by ranges that are a quarter wide, and
 * rows of probabilities by the likeliest class. Of an output of any other form nothing is counted.
 */
export class PredictedValues {
  private readonly small = new Float64Array(SMALL_LABELS);
  private readonly ranges = new Float64Array(RANGES);
  private readonly byName = new Map<string, number>();

  /** Counts the rows of one request's output; of many rows some. */
  count(range: OutputRange): void {
    const { output, from, rows, perRow } = range;
    const { datatype, data } = output;
    const step = rows > ROWS_LOOKED_AT ? rows / ROWS_LOOKED_AT : 1;
    const looks = Math.min(rows, ROWS_LOOKED_AT);
    for (let look = 0; look < looks; look++) {
      const at = from + Math.floor(look * step) * perRow;
      if (datatype === 'FP32' || datatype === 'FP64') this.countNumbers(data as Float32Array, at, perRow);
      else if (perRow !== 1) return;
      else if (datatype === 'BYTES') this.countName((data as readonly string[])[at] as string);
      else if (datatype === 'FP16') this.countRange(fromFloat16Bits((data as Uint16Array)[at] as number));
      else if (datatype === 'BOOL') this.countName((data as Uint8Array)[at] === 0 ? 'false' : 'true');
      else this.countInteger((data as NumericArray)[at] as number | bigint);
    }
  }

  /** Adds what another process counted. Labels that it had no room for are one label more here. */
  add(counts: Counts): void {
    for (const [label, count] of Object.entries(counts)) this.countName(label, count);
  }

  /** What was counted since the last take. */
  take(): Counts {
    const counts = new Map(this.byName);
    for (const [label, count] of this.small.entries()) if (count > 0) add(counts, String(label), count);
    for (const [range, count] of this.ranges.entries()) if (count > 0) add(counts, rangeLabel(range), count);
    this.small.fill(0);
    this.ranges.fill(0);
    this.byName.clear();
    // A label may be called __proto__: it comes from the model.
    return Object.fromEntries(counts);
  }

  private countNumbers(data: NumericArray, at: number, perRow: number): void {
    if (perRow === 1) this.countRange(data[at] as number);
    else if (perRow <= MAX_CLASSES) this.countLikeliest(data, at, perRow);
  }

  private countLikeliest(data: NumericArray, at: number, classes: number): void {
    let likeliest = 0;
    let highest = -1;
    let sum = 0;
    for (let index = 0; index < classes; index++) {
      const probability = data[at + index] as number;
      if (!(probability >= 0 && probability <= 1)) return;
      sum += probability;
      if (probability > highest) {
        highest = probability;
        likeliest = index;
      }
    }
    if (Math.abs(sum - 1) <= SUM_TOLERANCE) this.countInteger(likeliest);
  }

  private countInteger(value: number | bigint): void {
    const label = Number(value);
    if (label >= 0 && label < SMALL_LABELS) this.small[label] = (this.small[label] as number) + 1;
    else this.countName(String(value));
  }

  private countRange(value: number): void {
    const range = rangeOf(value);
    this.ranges[range] = (this.ranges[range] as number) + 1;
  }

  private countName(label: string, count = 1): void {
    const known = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL)}…` : label;
    const isNew = !this.byName.has(known);
    add(this.byName, isNew && this.byName.size >= MAX_LABELS ? OTHER_LABELS : known, count);
  }
}

function add(counts: Map<string, number>, label: string, count: number): void {
  counts.set(label, (counts.get(label) ?? 0) + count);
}
