"""What scikit-learn, XGBoost and LightGBM models answer, and their conversion to ONNX."""

import copy
import json
import warnings
from typing import Any

import lightgbm
import numpy as np
import onnxmltools
import pandas as pd
import xgboost
from onnx import ModelProto
from onnxmltools.convert.common.data_types import FloatTensorType as OnnxmltoolsFloatTensorType
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn.base import is_classifier, is_regressor

from onnx_graph import GRAPH_NAME, MATRIX_INPUT, OPERATOR_SETS, gather_inputs, rename_inputs, tidy
from registry import Refusal, one_line

Answers = dict[str, np.ndarray]
"""Outputs by name: `label` [n], with `probabilities` [n, k] where the model has them; or `variable`, [n] or [n, k]."""

XGBOOST_CLASSIFICATION = ("binary:logistic", "multi:softprob", "multi:softmax")


def ask(model: Any, rows: pd.DataFrame | np.ndarray) -> Answers:
    """What the source model answers to rows. Raises Refusal for models that neither classify nor regress."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # column names that an array lacks, and the like
        if isinstance(model, xgboost.Booster):
            return _ask_xgboost_booster(model, rows)
        if isinstance(model, lightgbm.Booster):
            return _ask_lightgbm_booster(model, rows)
        if is_classifier(model):
            return _ask_classifier(model, rows)
        if is_regressor(model):
            return {"variable": model.predict(rows)}
    raise Refusal(f"{type(model).__name__} is neither a classifier nor a regressor; only those can be exported")


def convert(model: Any, example: pd.DataFrame) -> ModelProto:
    """Converts to a graph with one float32 matrix as input if all columns are numbers, else with one input per column.

    Raises Refusal for what the converters cannot do.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations that the converters trip over
            return tidy(_convert(model, example))
    except Exception as error:  # converters raise whatever comes to hand, even bare Exception
        raise Refusal(f"This {type(model).__name__} could not be converted: {one_line(error)}") from error


def feeds_of(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows as the graph of `convert` takes them."""
    if all_numbers(rows):
        return {MATRIX_INPUT: rows.to_numpy(dtype=np.float32)}
    return {str(name): _column_values(rows[name]) for name in rows}


def all_numbers(frame: pd.DataFrame) -> bool:
    """Whether rows fit into one float32 matrix."""
    return all(dtype.kind in "biuf" for dtype in frame.dtypes)


def _ask_classifier(model: Any, rows: pd.DataFrame | np.ndarray) -> Answers:
    answers = {"label": np.asarray(model.predict(rows))}
    if answers["label"].ndim != 1:
        raise Refusal(f"This {type(model).__name__} answers several labels per row, which is not supported")
    if hasattr(model, "predict_proba"):
        answers["probabilities"] = model.predict_proba(rows)
    return answers


def _ask_xgboost_booster(booster: xgboost.Booster, rows: pd.DataFrame | np.ndarray) -> Answers:
    answer = booster.predict(xgboost.DMatrix(rows))
    match _xgboost_objective(booster):
        case "binary:logistic":
            return _of_positive_class(answer)
        case "multi:softprob":
            return {"label": answer.argmax(axis=1), "probabilities": answer}
        case "multi:softmax":
            return {"label": answer.astype(np.int64)}
    return {"variable": answer}


def _ask_lightgbm_booster(booster: lightgbm.Booster, rows: pd.DataFrame | np.ndarray) -> Answers:
    answer = booster.predict(rows)
    match booster.dump_model(num_iteration=1)["objective"].split():
        case ["binary", *_]:
            return _of_positive_class(answer)
        case ["multiclass" | "multiclassova", *_]:
            return {"label": answer.argmax(axis=1), "probabilities": answer}
    return {"variable": answer}


def _of_positive_class(probability: np.ndarray) -> Answers:
    return {
        "label": (probability > 0.5).astype(np.int64),
        "probabilities": np.column_stack([1 - probability, probability]),
    }


def _convert(model: Any, example: pd.DataFrame) -> ModelProto:
    if not all_numbers(example):
        return _convert_by_column(model, {str(name): _column_type(example[name]) for name in example})
    shape = [None, example.shape[1]]
    if isinstance(model, lightgbm.Booster):
        matrix = [(MATRIX_INPUT, OnnxmltoolsFloatTensorType(shape))]
        return onnxmltools.convert_lightgbm(model, name=GRAPH_NAME, initial_types=matrix, zipmap=False)
    try:
        return _convert_sklearn(_prepared(model), [(MATRIX_INPUT, FloatTensorType(shape))])
    except RuntimeError as error:
        # What skl2onnx raises for a pipeline that picks columns of a DataFrame by name.
        if "column name" not in str(error):
            raise
    types = {str(name): FloatTensorType([None, 1]) for name in example}
    return gather_inputs(_convert_sklearn(_prepared(model), list(types.items())))


def _convert_by_column(model: Any, types: dict[str, Any]) -> ModelProto:
    """skl2onnx makes `sepal_length__cm_` of `sepal length (cm)`; clients know the column by its own name."""
    graph = _convert_sklearn(_prepared(model), list(types.items()))
    made = [graph_input.name for graph_input in graph.graph.input]
    return rename_inputs(graph, dict(zip(made, types, strict=True)))


def _convert_sklearn(model: Any, types: list[tuple[str, Any]]) -> ModelProto:
    def attempt(options: dict[str, Any] | None) -> ModelProto:
        return convert_sklearn(model, name=GRAPH_NAME, initial_types=types, options=options, target_opset=OPERATOR_SETS)

    try:
        return attempt({"zipmap": False})
    except NameError:  # what skl2onnx raises for a model that has no such option
        return attempt(None)


def _prepared(model: Any) -> Any:
    """A copy that the converters take: no bare XGBoost booster, and no column names inside XGBoost models."""
    prepared = _estimator_of(model) if isinstance(model, xgboost.Booster) else copy.deepcopy(model)
    for part in [prepared, *prepared.get_params(deep=True).values()]:
        if isinstance(part, xgboost.XGBModel):
            part.get_booster().feature_names = None  # onnxmltools takes no names but f0, f1 ...
    return prepared


def _estimator_of(booster: xgboost.Booster) -> xgboost.XGBModel:
    """The same trees in scikit-learn's dress: onnxmltools guesses the objective of a bare booster from its leaves."""
    classifies = _xgboost_objective(booster) in XGBOOST_CLASSIFICATION
    estimator = xgboost.XGBClassifier() if classifies else xgboost.XGBRegressor()
    estimator.load_model(bytearray(booster.save_raw("ubj")))
    return estimator


def _xgboost_objective(booster: xgboost.Booster) -> str:
    return json.loads(booster.save_config())["learner"]["objective"]["name"]


def _column_type(column: pd.Series) -> Any:
    kinds = {"f": FloatTensorType, "i": Int64TensorType, "u": Int64TensorType, "b": Int64TensorType}
    return kinds.get(column.dtype.kind, StringTensorType)([None, 1])


def _column_values(column: pd.Series) -> np.ndarray:
    """A column as [n, 1] of float32, int64 or text."""
    types = {"f": np.float32, "i": np.int64, "u": np.int64, "b": np.int64}
    return column.to_numpy(dtype=types.get(column.dtype.kind, object)).reshape(-1, 1)


def _register_converters() -> None:
    """Teaches skl2onnx the XGBoost and LightGBM estimators, alone and inside pipelines."""
    of_classifier = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    classifier_shapes, regressor_shapes = (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )
    for kind, to_onnx, shapes, options in [
        (xgboost.XGBClassifier, convert_xgboost, classifier_shapes, of_classifier),
        (xgboost.XGBRFClassifier, convert_xgboost, classifier_shapes, of_classifier),
        (xgboost.XGBRegressor, convert_xgboost, regressor_shapes, {}),
        (xgboost.XGBRFRegressor, convert_xgboost, regressor_shapes, {}),
        (lightgbm.LGBMClassifier, convert_lightgbm, classifier_shapes, of_classifier),
        (lightgbm.LGBMRegressor, convert_lightgbm, regressor_shapes, {"split": None}),
    ]:
        update_registered_converter(kind, f"Understudy{kind.__name__}", shapes, to_onnx, options=options)


_register_converters()
