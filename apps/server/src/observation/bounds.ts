const STEPS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const SMALLEST_MS = 0.1;
const DECADES = 6;

/**
 * Bounds of times in milliseconds, ten for each decade from 0.1 ms to 80 s: a percentile read from them is at most a third off, and
 * mostly a tenth. Arm statistics keep all of them; the metrics show {@link SHOWN_BOUNDS_MS}.
 */
export const TIME_BOUNDS_MS = Float64Array.from(
  Array.from({ length: DECADES }, (_, decade) =>
    STEPS.map((step) => Number((step * SMALLEST_MS * 10 ** decade).toPrecision(3))),
  ).flat(),
);

/** Those of them that the metrics show, where each is a series for each arm. */
export const SHOWN_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
];

/** Bounds of rows in one run. */
export const ROW_BOUNDS = Float64Array.from([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
