"""The model version that an export starts from: found in the registry, loaded, and with rows to try it on."""

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import process_settings  # noqa: F401 - must come before mlflow
import mlflow
import mlflow.lightgbm
import mlflow.sklearn
import mlflow.xgboost
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.store.artifact.utils.models import get_model_name_and_version
from mlflow.types import Schema
from mlflow.utils.proto_json_utils import dataframe_from_parsed_json, parse_inputs_data

from registry import Refusal, one_line

LOADERS: dict[str, Callable[[str], Any]] = {
    "xgboost": mlflow.xgboost.load_model,
    "lightgbm": mlflow.lightgbm.load_model,
    "sklearn": mlflow.sklearn.load_model,
}


@dataclass(frozen=True)
class Location:
    """Where a version is. `registered` tells whether `uri` names a version of the registered model `model_name`."""

    uri: str
    model_name: str
    registered: bool


@dataclass(frozen=True)
class Example:
    """Rows that the source takes. `dtype` is set where it takes them as one array rather than as a DataFrame."""

    frame: pd.DataFrame
    dtype: np.dtype | None

    def as_source_takes(self, frame: pd.DataFrame) -> pd.DataFrame | np.ndarray:
        """Other rows with the same columns, in the form that the source takes."""
        return frame if self.dtype is None else frame.to_numpy(dtype=self.dtype)


@dataclass(frozen=True)
class SourceVersion:
    """A loaded version that is not ONNX yet."""

    location: Location
    flavor: str
    model: Any
    example: Example
    metadata: dict[str, Any]
    run_id: str | None


class AlreadyOnnx(Exception):
    """There is nothing to export: the version has an ONNX flavor."""


def locate(client: mlflow.MlflowClient, uri: str, model_name: str | None) -> Location:
    """Pins a model URI to one version, so that an alias which moves meanwhile changes nothing. Raises Refusal."""
    if re.fullmatch(r"models:/[^/@]+|runs:/.+", uri):
        if model_name is None:
            raise Refusal(
                f"{uri} belongs to no registered model: say with --model-name which one gets the ONNX version"
            )
        return Location(uri, model_name, registered=False)
    if not re.fullmatch(r"models:/+([^/]+/[^/]+|[^/]+@[^/@]+)", uri):
        raise Refusal(
            f"{uri} is no model URI. Expected models:/name/3, models:/name@alias, models:/m-id or runs:/id/path"
        )
    try:
        name, version = get_model_name_and_version(client, uri)
        client.get_model_version(name, version)
    except MlflowException as error:
        raise Refusal(f"{uri} was not found in the registry: {one_line(error)}") from error
    return Location(f"models:/{name}/{version}", model_name or name, registered=True)


def load(location: Location, example_file: Path | None) -> SourceVersion:
    """Downloads and loads a version. This runs code of the version (a pickle, say): load only what you trust.

    Raises AlreadyOnnx, or Refusal for a flavor that cannot be exported and where no example can be had.
    """
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        try:
            path = mlflow.artifacts.download_artifacts(location.uri, dst_path=folder)
            ml_model = Model.load(path)
        except (MlflowException, OSError) as error:
            raise Refusal(f"The files of {location.uri} could not be had: {one_line(error)}") from error
        flavor = _exportable_flavor(ml_model, location.uri)
        return SourceVersion(
            location=location,
            flavor=flavor,
            model=_load_model(flavor, path, location.uri),
            example=_load_example(ml_model, path, example_file, location.uri),
            metadata=ml_model.metadata or {},
            run_id=ml_model.run_id,
        )


def _exportable_flavor(ml_model: Model, uri: str) -> str:
    if "onnx" in ml_model.flavors:
        raise AlreadyOnnx
    for flavor in LOADERS:
        if flavor in ml_model.flavors:
            return flavor
    raise Refusal(
        f"{uri} has flavors {', '.join(sorted(ml_model.flavors))}; none of them can be exported. "
        f"Supported are {', '.join(sorted(LOADERS))}"
    )


def _load_model(flavor: str, path: str, uri: str) -> Any:
    try:
        return LOADERS[flavor](path)
    except Exception as error:  # whatever the version's own code and its libraries raise
        advice = (
            "Log it again and list the types it names in skops_trusted_types"
            if type(error).__name__ == "UntrustedTypesFoundException"
            else "Its requirements.txt in the registry names the library versions it was made with"
        )
        raise Refusal(f"The {flavor} model of {uri} could not be loaded: {one_line(error)}. {advice}") from error


def _load_example(ml_model: Model, path: str, example_file: Path | None, uri: str) -> Example:
    schema = ml_model.signature.inputs if ml_model.signature else None
    if example_file is not None:
        return _example_of(_read_example_file(example_file, schema), str(example_file))
    try:
        example = ml_model.load_input_example(path)
    except (OSError, ValueError, MlflowException) as error:
        raise Refusal(f"The input example of {uri} could not be read: {one_line(error)}") from error
    if example is None:
        raise Refusal(
            f"{uri} was logged without an input example, so an export could not be checked. "
            "Give rows that it takes with --example rows.json"
        )
    return _example_of(example, f"the input example of {uri}")


def _example_of(rows: Any, what: str) -> Example:
    """Raises Refusal for rows that are neither a DataFrame of numbers and texts nor a matrix of numbers."""
    if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "biuf" and len(rows):
        return Example(pd.DataFrame(rows), rows.dtype)
    if isinstance(rows, pd.DataFrame) and len(rows):
        strange = [str(name) for name in rows if rows[name].dtype.kind not in "biufOUT"]
        if strange:
            raise Refusal(f"{what} has columns that are neither numbers nor text: {', '.join(strange)}")
        return Example(rows.reset_index(drop=True), None)
    raise Refusal(f"{what} is neither a table with rows nor a matrix of numbers with rows: {type(rows).__name__}")


def _read_example_file(path: Path, schema: Schema | None) -> pd.DataFrame | np.ndarray:
    """Reads rows in the forms that MLflow's scoring server takes, or as a bare list of rows."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        match content:
            case {"dataframe_split": split}:
                return dataframe_from_parsed_json(split, "split", schema)
            case {"columns": _, "data": _}:
                return dataframe_from_parsed_json(content, "split", schema)
            case {"dataframe_records": records}:
                return dataframe_from_parsed_json(records, "records", schema)
            case {"inputs": rows} | {"instances": rows} if isinstance(rows, list):
                return parse_inputs_data(rows, schema)
            case [dict(), *_]:
                return dataframe_from_parsed_json(content, "records", schema)
            case [[*_], *_]:
                return np.asarray(content, dtype=float)
    except (OSError, ValueError, MlflowException) as error:
        raise Refusal(f"--example {path}: {one_line(error)}") from error
    raise Refusal(
        f"--example {path}: expected a list of rows, a list of objects, or an object with one of dataframe_split, "
        "dataframe_records, inputs and instances"
    )
