"""The Iris data set, multinomial logistic regression on it, and the ONNX graph that is served."""

import warnings
from dataclasses import asdict, dataclass

import numpy as np
from onnx import ModelProto
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss
from sklearn.model_selection import train_test_split

from onnx_graph import GRAPH_NAME, MATRIX_INPUT, OPERATOR_SETS, run, tidy
from registry import Refusal

FEATURE_NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
"""In centimetres, in the order of the columns."""
CLASS_NAMES = ["setosa", "versicolor", "virginica"]
"""The names of the labels 0, 1 and 2."""
METADATA = {"feature_names": FEATURE_NAMES, "class_names": CLASS_NAMES}
"""Understudy reads both from a version's MLmodel file: columns can be sent by name, labels shown by name."""
EXAMPLE = np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]])
"""A setosa and a virginica. Kept in float64 so that the stored JSON reads 5.1 and not 5.099999904632568."""

SOLVERS = ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"]
"""Those of scikit-learn that fit all three classes in one multinomial model."""


@dataclass(frozen=True)
class Hyperparameters:
    """Those of scikit-learn's LogisticRegression, by its names; `random_state` also draws the held-out rows."""

    solver: str = "lbfgs"
    C: float = 1.0
    l1_ratio: float = 0.0
    max_iter: int = 1000
    tol: float = 1e-4
    random_state: int = 8888


@dataclass(frozen=True)
class Split:
    """Rows to train on and rows held out: features [n, 4] in float64, labels [n]."""

    train_features: np.ndarray
    test_features: np.ndarray
    train_labels: np.ndarray
    test_labels: np.ndarray


@dataclass(frozen=True)
class Evaluation:
    """How a graph does on the held-out rows: numbers by name, and [3, 3] counts of true against predicted labels."""

    metrics: dict[str, float]
    confusion: np.ndarray


def split_iris(test_size: float, random_state: int) -> Split:
    """Holds out the share `test_size` of the 150 rows. Raises Refusal for a share that leaves either side empty."""
    features, labels = load_iris(return_X_y=True)
    try:
        return Split(*train_test_split(features, labels, test_size=test_size, random_state=random_state))
    except ValueError as error:
        raise Refusal(f"The rows cannot be split so: {str(error).splitlines()[0]}") from error


def fit(hyperparameters: Hyperparameters, split: Split) -> LogisticRegression:
    """Fits on the training rows. Raises Refusal for hyperparameters that scikit-learn does not take."""
    model = LogisticRegression(**asdict(hyperparameters))
    try:
        with warnings.catch_warnings():
            # Stopping early is a choice here, and `n_iter` shows it.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(split.train_features, split.train_labels)
    except ValueError as error:
        raise Refusal(f"scikit-learn refuses these hyperparameters: {str(error).splitlines()[0]}") from error


def to_onnx(model: LogisticRegression) -> ModelProto:
    """The graph: float32 `X` [n, 4] to int64 `label` [n] and float32 `probabilities` [n, 3]."""
    return tidy(
        convert_sklearn(
            model,
            name=GRAPH_NAME,
            initial_types=[(MATRIX_INPUT, FloatTensorType([None, len(FEATURE_NAMES)]))],
            # A ZipMap would answer a list of maps, which is no tensor.
            options={"zipmap": False},
            target_opset=OPERATOR_SETS,
        )
    )


def example_feeds() -> dict[str, np.ndarray]:
    """The example as the graph takes it."""
    return {MATRIX_INPUT: EXAMPLE.astype(np.float32)}


def evaluate(graph: ModelProto, split: Split) -> Evaluation:
    """Measures the graph itself, not the estimator it came from: the graph is what will answer."""
    label, probabilities = run(graph, {MATRIX_INPUT: split.test_features.astype(np.float32)}).values()
    truth, classes = split.test_labels, list(range(len(CLASS_NAMES)))
    # In float32 a row of probabilities misses 1 by more than scikit-learn lets pass.
    shares = probabilities.astype(np.float64) / probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
    metrics = {
        "accuracy": float(accuracy_score(truth, label)),
        "f1_macro": float(f1_score(truth, label, average="macro", labels=classes, zero_division=0.0)),
        "log_loss": float(log_loss(truth, shares, labels=classes)),
    }
    return Evaluation(metrics, confusion_matrix(truth, label, labels=classes))
