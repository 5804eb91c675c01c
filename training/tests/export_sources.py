"""Models that the export tests start from, of every kind that can be exported."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import mlflow
import mlflow.lightgbm
import mlflow.sklearn
import mlflow.xgboost
import numpy as np
import pandas as pd
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

FEATURES, LABELS = load_iris(return_X_y=True)
COLUMNS = pd.DataFrame(
    FEATURES, columns=["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
)
SITED = COLUMNS.assign(site=np.where(FEATURES[:, 0] > 5.8, "garden", "field"), leaves=(FEATURES[:, 3] * 10).astype(int))
TENSOR_NAMES = COLUMNS.set_axis(["X", "variable", "probability", "y"], axis=1)
SPECIES = np.array(["setosa", "versicolor", "virginica"])[LABELS]


def by_column() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["petal length (cm)", "petal width (cm)", "leaves"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["site"]),
        ]
    )


def numbers_by_name() -> ColumnTransformer:
    return ColumnTransformer(
        [("scaled", StandardScaler(), ["petal length (cm)"]), ("rest", "passthrough", ["petal width (cm)"])]
    )


PICKLED = {"serialization_format": "cloudpickle"}
"""Trees hold types that skops does not load by itself."""


@dataclass(frozen=True)
class Source:
    """A model to fit, rows that it takes, how it is logged, and the inputs and outputs that its graph must have."""

    flavor: Any
    fit: Callable[[], Any]
    rows: pd.DataFrame | np.ndarray
    how: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("X",)
    outputs: tuple[str, ...] = ("label", "probabilities")


SOURCES: dict[str, Source] = {
    "scikit-learn on an array": Source(
        mlflow.sklearn, lambda: LogisticRegression(max_iter=500).fit(FEATURES, LABELS), FEATURES
    ),
    "scikit-learn with text labels": Source(
        mlflow.sklearn, lambda: LogisticRegression(max_iter=500).fit(COLUMNS, SPECIES), COLUMNS
    ),
    "a forest": Source(
        mlflow.sklearn,
        lambda: RandomForestClassifier(n_estimators=20, random_state=1).fit(COLUMNS, LABELS),
        COLUMNS,
        how=PICKLED,
    ),
    "histogram gradient boosting": Source(
        mlflow.sklearn,
        lambda: HistGradientBoostingClassifier(max_iter=10).fit(COLUMNS, LABELS),
        COLUMNS,
        how=PICKLED,
    ),
    "a regressor": Source(
        mlflow.sklearn,
        lambda: GradientBoostingRegressor(n_estimators=20).fit(COLUMNS, FEATURES[:, 3]),
        COLUMNS,
        how=PICKLED,
        outputs=("variable",),
    ),
    "a classifier without probabilities": Source(
        mlflow.sklearn, lambda: LinearSVC().fit(COLUMNS, LABELS), COLUMNS, outputs=("label",)
    ),
    "a pipeline that picks numbers by name": Source(
        mlflow.sklearn,
        lambda: make_pipeline(numbers_by_name(), LogisticRegression(max_iter=500)).fit(COLUMNS, LABELS),
        COLUMNS,
    ),
    "a pipeline on numbers and text": Source(
        mlflow.sklearn,
        lambda: make_pipeline(by_column(), LogisticRegression(max_iter=500)).fit(SITED, LABELS),
        SITED,
        inputs=tuple(SITED.columns),
    ),
    "numbers whose columns are called as tensors are": Source(
        mlflow.sklearn,
        lambda: make_pipeline(
            ColumnTransformer([("scaled", StandardScaler(), ["X", "variable"])]), LogisticRegression(max_iter=500)
        ).fit(TENSOR_NAMES, LABELS),
        TENSOR_NAMES,
    ),
    "columns called as tensors are": Source(
        mlflow.sklearn,
        lambda: make_pipeline(
            ColumnTransformer([("scaled", StandardScaler(), ["X", "variable"]), ("texts", OneHotEncoder(), ["site"])]),
            LogisticRegression(max_iter=500),
        ).fit(TENSOR_NAMES.assign(site=SITED["site"]), LABELS),
        TENSOR_NAMES.assign(site=SITED["site"]),
        inputs=("X", "variable", "probability", "y", "site"),
    ),
    "an XGBoost classifier": Source(
        mlflow.xgboost, lambda: xgboost.XGBClassifier(n_estimators=10).fit(COLUMNS, LABELS), COLUMNS
    ),
    "an XGBoost regressor": Source(
        mlflow.xgboost,
        lambda: xgboost.XGBRegressor(n_estimators=10).fit(FEATURES, FEATURES[:, 3]),
        FEATURES,
        outputs=("variable",),
    ),
    "a bare XGBoost booster": Source(
        mlflow.xgboost,
        lambda: xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(COLUMNS, LABELS == 2), 5),
        COLUMNS,
    ),
    "a LightGBM classifier": Source(
        mlflow.lightgbm, lambda: lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(COLUMNS, LABELS), COLUMNS
    ),
    "a bare LightGBM booster": Source(
        mlflow.lightgbm,
        lambda: lightgbm.train(
            {"objective": "multiclass", "num_class": 3, "verbose": -1}, lightgbm.Dataset(COLUMNS, LABELS), 5
        ),
        COLUMNS,
    ),
}
