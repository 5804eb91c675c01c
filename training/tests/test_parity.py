"""The rows that two models are asked, and the comparison of their answers."""

import numpy as np
import pandas as pd
import pytest

from parity import Comparison, compare, rows_around

EXAMPLE = pd.DataFrame({"length": [5.1, 4.9], "count": [3, 40], "site": ["field", "garden"], "wet": [True, False]})


def test_rows_around_are_the_example_and_the_same_rows_each_time() -> None:
    rows = rows_around(EXAMPLE, 500)
    assert rows.head(2).equals(EXAMPLE)
    assert len(rows) == 502
    assert rows.dtypes.equals(EXAMPLE.dtypes)
    assert rows.equals(rows_around(EXAMPLE, 500))


def test_rows_around_reach_far_from_the_example_but_not_below_zero() -> None:
    rows = rows_around(EXAMPLE, 500)
    assert rows["length"].min() >= 0 and rows["length"].max() > 10
    assert rows["length"].nunique() > 100
    assert set(rows["site"]) == {"field", "garden"} and set(rows["wet"]) == {True, False}


def test_many_rows_lie_on_the_examples_grid_of_decimals() -> None:
    lengths = rows_around(EXAMPLE, 500)["length"].to_numpy()
    assert np.mean(np.round(lengths, 1) == lengths) > 0.5


def test_one_row_and_missing_values_are_enough_of_an_example() -> None:
    rows = rows_around(pd.DataFrame({"a": [-2.5], "b": [np.nan]}), 500)
    assert rows["a"].nunique() > 100 and rows["a"].min() < 0 < rows["a"].max()
    assert rows["b"].isna().all()


@pytest.mark.parametrize(
    ("expected", "actual", "comparison"),
    [
        ([[1, 2]], [[1, 2]], Comparison(2, [], 0, 0.0)),
        ([[1, 2]], [[1, 0]], Comparison(2, [1], 1, 0.0)),
        ([["a", "b"]], [["a", "c"]], Comparison(2, [1], 1, 0.0)),
        ([[True, False]], [[1, 0]], Comparison(2, [], 0, 0.0)),
        ([[0.5, 0.25]], [[[0.5], [0.25]]], Comparison(2, [], 0, 0.0)),
        ([[0.0, 0.5]], [[0.0, 0.625]], Comparison(2, [1], 0, 0.125)),
        ([[1000.0, 1.0]], [[1000.0625, 1.0]], Comparison(2, [], 0, 6.25e-05)),
        ([[np.nan, np.inf]], [[np.nan, np.inf]], Comparison(2, [], 0, 0.0)),
        ([[np.nan, 1.0]], [[1.0, np.nan]], Comparison(2, [0, 1], 0, np.inf)),
        ([[0, 1], [[0.9, 0.1], [0.2, 0.8]]], [[1, 1], [[0.9, 0.1], [0.8, 0.2]]], Comparison(2, [0, 1], 1, 0.6)),
    ],
    ids=[
        "equal labels",
        "another label",
        "another text",
        "truth values as numbers",
        "a column for a list",
        "a number beyond the tolerance",
        "large numbers are compared relatively",
        "NaN equals NaN",
        "NaN for a number",
        "label in one row, numbers in the other",
    ],
)
def test_answers_are_compared_row_by_row(expected: list, actual: list, comparison: Comparison) -> None:
    result = compare([np.array(each) for each in expected], [np.array(each) for each in actual], 1e-4)
    assert (result.rows, result.differing, result.differing_labels) == (
        comparison.rows,
        comparison.differing,
        comparison.differing_labels,
    )
    assert result.largest == pytest.approx(comparison.largest)
