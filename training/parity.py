"""Whether two models answer the same: rows to ask them both, and a comparison that says where they differ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

NOISE_SIZES = [0.0, 0.01, 0.1, 1.0]
"""Relative to a column's spread, and for as many rows to its magnitude: one example row has no spread, and an example
of similar rows little, while the answers must agree everywhere. Without noise a row recombines the example's values."""
MOST_DECIMALS = 6
SEED = 8888


@dataclass(frozen=True)
class Comparison:
    """How two sets of answers compare. `largest` is the largest difference of numbers, relative for numbers above 1."""

    rows: int
    differing: list[int]
    differing_labels: int
    largest: float


def rows_around(example: pd.DataFrame, count: int) -> pd.DataFrame:
    """The example's rows and `count` more around them, always the same ones: values recombined, numbers also moved."""
    rng = np.random.default_rng(SEED)
    kinds = _RowKinds(rng.choice(NOISE_SIZES, size=count), rng.random(count) < 0.5, rng.random(count) < 0.5)
    drawn = {name: _draw(rng, example[name], kinds) for name in example}
    return pd.concat([example, pd.DataFrame(drawn).astype(example.dtypes)], ignore_index=True)


def compare(expected: list[np.ndarray], actual: list[np.ndarray], tolerance: float) -> Comparison:
    """Compares outputs by position, row by row: labels must be equal, numbers agree within `tolerance`.

    The tolerance is absolute for expected numbers up to 1 and relative above.
    """
    rows = len(expected[0])
    differing_labels = np.zeros(rows, dtype=bool)
    differing_numbers = np.zeros(rows, dtype=bool)
    largest = 0.0
    for ours, theirs in zip(expected, actual, strict=True):
        theirs = np.asarray(theirs).reshape(ours.shape)
        if ours.dtype.kind == "f":
            distance = _distance(ours, theirs).reshape(rows, -1).max(axis=1)
            largest = max(largest, float(distance.max()))
            differing_numbers |= distance > tolerance
        elif ours.dtype.kind in "biu":
            differing_labels |= ours != theirs
        else:
            differing_labels |= ours.astype(str) != theirs.astype(str)
    differing = np.flatnonzero(differing_labels | differing_numbers)
    return Comparison(rows, differing.tolist(), int(differing_labels.sum()), largest)


@dataclass(frozen=True)
class _RowKinds:
    """Per row: the size of the noise, whether relative to magnitude, and whether on the example's grid of decimals."""

    noise: np.ndarray
    by_magnitude: np.ndarray
    on_grid: np.ndarray


def _draw(rng: np.random.Generator, column: pd.Series, kinds: _RowKinds) -> np.ndarray:
    values = rng.choice(column.to_numpy(), size=len(kinds.noise))
    if column.dtype.kind not in "iuf":
        return values
    known = column.dropna().to_numpy(dtype=float)
    magnitude = np.abs(known).max(initial=0.0) or 1.0
    spread = np.where(kinds.by_magnitude, magnitude, known.std() if len(known) else 0.0)
    moved = values + rng.normal(size=len(values)) * spread * kinds.noise
    if (known >= 0).all():
        moved = np.abs(moved)  # lengths, counts and prices: the source may not take what is below zero
    # Thresholds of trees lie on such values or halfway between them, and there float32 and float64 part.
    return np.where(kinds.on_grid | (column.dtype.kind != "f"), np.round(moved, _decimals(known)), moved)


def _decimals(values: np.ndarray) -> int:
    """How many decimals the values are written with; float32 noise behind them does not count."""
    for decimals in range(MOST_DECIMALS):
        if np.allclose(np.round(values, decimals), values, rtol=1e-6, atol=0.0):
            return decimals
    return MOST_DECIMALS


def _distance(expected: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Element by element; 0 where both are NaN or the same infinity, infinite where only one is."""
    with np.errstate(invalid="ignore"):
        distance = np.abs(expected - actual) / np.maximum(1.0, np.abs(expected))
    same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
    return np.where(same, 0.0, np.where(np.isnan(distance), np.inf, distance))
