"""The MLflow registry as the scripts use it: reach it, register ONNX versions, and say what to type next."""

import argparse
import contextlib
import io
import json
import logging
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import process_settings  # noqa: F401 - must come before mlflow
import mlflow
import numpy as np
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models.signature import ModelSignature
from onnx import ModelProto

logging.getLogger("mlflow").setLevel(logging.WARNING)

SERVER_URL = "http://localhost:8000"
PARAMS_PER_REQUEST = 100
"""MLflow refuses longer batches."""
PIP_REQUIREMENTS = ["mlflow", "numpy", "onnx", "onnxruntime"]


class Refusal(Exception):
    """A reason to stop that the person at the keyboard can act on. Its text is a sentence or two, without a stack."""


@dataclass(frozen=True)
class OnnxVersion:
    """What is stored of an ONNX version. `example` is one array, or one array per graph input by name."""

    graph: ModelProto
    signature: ModelSignature
    example: np.ndarray | Mapping[str, np.ndarray]
    metadata: Mapping[str, object]
    params: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


def run_command(command: Callable[[], None]) -> None:
    """Runs a script's main function; a refusal, or an error that MLflow answers, becomes one line and exit code 1."""
    try:
        command()
    except Refusal as refusal:
        sys.exit(f"error: {refusal}")
    except MlflowException as error:
        sys.exit(f"error: MLflow: {one_line(error)}")


def connect() -> mlflow.MlflowClient:
    """A client of the server that MLFLOW_TRACKING_URI names. Raises Refusal within seconds if none answers there."""
    uri = without_password(mlflow.get_tracking_uri())
    try:
        with environment(MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_HTTP_REQUEST_TIMEOUT="5"):
            client = mlflow.MlflowClient()
            client.search_registered_models(max_results=1)
    except MlflowException as error:
        raise Refusal(
            f"The MLflow server at {uri} cannot be used: {one_line(root_cause(error))}. "
            "Start it, or set MLFLOW_TRACKING_URI to one that runs"
        ) from error
    if urlsplit(uri).scheme not in ("http", "https"):
        print(
            f"note: MLFLOW_TRACKING_URI names no server, so versions go to {uri}. Understudy loads from a server; "
            "start `mlflow server` and set MLFLOW_TRACKING_URI to its address to serve them.",
            file=sys.stderr,
        )
    return client


def register(version: OnnxVersion, model_name: str) -> ModelVersion:
    """Logs an ONNX model into the active run and registers it; its metrics are there before the version can be seen."""
    params = list(version.params.items())
    for start in range(0, len(params), PARAMS_PER_REQUEST):
        mlflow.log_params(dict(params[start : start + PARAMS_PER_REQUEST]))
    info = mlflow.onnx.log_model(
        version.graph,
        name="model",
        signature=version.signature,
        input_example=version.example,
        metadata=dict(version.metadata),
        params=dict(version.params),
        # Given, not inferred: MLflow would start another Python process to find them.
        pip_requirements=PIP_REQUIREMENTS,
        onnx_execution_providers=["CPUExecutionProvider"],
        # One file: external data would get a random name.
        save_as_external_data=False,
    )
    mlflow.log_metrics(dict(version.metrics), model_id=info.model_id)
    with contextlib.redirect_stderr(
        io.StringIO()
    ):  # MLflow tells there that it registered; the scripts say it themselves
        return mlflow.register_model(info.model_uri, model_name, tags=dict(version.tags))


def alias_name(text: str) -> str:
    """An argparse type. Checked before anything is registered, since MLflow would refuse the alias only afterwards."""
    if not re.fullmatch(r"[\w-]{1,255}", text) or re.fullmatch(r"latest|v\d+", text, re.IGNORECASE):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no alias: letters, digits, _ and -, but not latest and not v1, v2 ..."
        )
    return text


def model_uri(version: ModelVersion) -> str:
    """The URI of exactly this version."""
    return f"models:/{version.name}/{version.version}"


def load_command(uri: str) -> str:
    """The shell line that makes a local Understudy load the version as its next one."""
    body = shlex.quote(json.dumps({"model_uri": uri}, ensure_ascii=False))
    return f"curl -X POST {SERVER_URL}/update-model -H 'Content-Type: application/json' -d {body}"


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    """Sets environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def root_cause(error: BaseException) -> BaseException:
    """The operating system's own words for a server that is down, instead of the four errors that wrap them."""
    cause, inner = error, error
    while isinstance(inner, BaseException):
        cause = inner if isinstance(inner, OSError) else cause
        inner = getattr(inner, "reason", None) or inner.__cause__ or inner.__context__
    return cause


def one_line(error: BaseException, limit: int = 300) -> str:
    """The first line of an error's text, cut to `limit` characters: converters put whole trees into theirs."""
    text = str(error).strip() or type(error).__name__
    line = text.splitlines()[0].rstrip(" .")
    return line if len(line) <= limit else line[:limit] + "..."


def without_password(uri: str) -> str:
    """The URI as it may be printed."""
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}"))
