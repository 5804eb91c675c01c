#!/usr/bin/env python3
"""Turns a scikit-learn, XGBoost or LightGBM version in an MLflow registry into an ONNX version of the same model."""

import argparse
from pathlib import Path

import process_settings  # noqa: F401 - must come before mlflow
import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from onnx import ModelProto

from estimators import Answers, all_numbers, ask, convert, feeds_of
from onnx_graph import declare_outputs, run, signature_of
from parity import Comparison, compare, rows_around
from registry import OnnxVersion, Refusal, alias_name, connect, load_command, model_uri, one_line, register, run_command
from source_version import AlreadyOnnx, Location, SourceVersion, load, locate

ROWS_AROUND = 4096
TOLERANCE = 1e-4
"""float32 keeps seven digits; sums over hundreds of trees or features lose two or three of them."""
ROWS_SHOWN = 3
TAG_SOURCE = "understudy.exported_from"
TAG_SOURCE_RUN = "understudy.source_run_id"
TAG_PARITY = "understudy.parity"


def main() -> None:
    arguments = parse_arguments()
    client = connect()
    location = locate(client, arguments.model_uri, arguments.model_name)
    try:
        source = load(location, arguments.example)
    except AlreadyOnnx:
        return finish_without_export(client, location, arguments.alias)
    graph, comparison = export(source, arguments.tolerance)
    version = register_export(client, source, graph, comparison)
    if arguments.alias:
        client.set_registered_model_alias(version.name, arguments.alias, version.version)
    print(
        f"{model_uri(version)} is the ONNX export of {location.uri} ({source.flavor}, {type(source.model).__name__})."
    )
    print(f"Both answered alike: {describe(comparison)}.")
    print(f"\nLoad it as the next version:\n{load_command(model_uri(version))}")


def export(source: SourceVersion, tolerance: float) -> tuple[ModelProto, Comparison]:
    """Converts, and asks both models the same rows. Raises Refusal when their answers differ."""
    rows = rows_around(source.example.frame, ROWS_AROUND)
    expected = ask_source(source, rows)
    graph = convert(source.model, source.example.frame)
    # The source gets float64 where a client's JSON would give it float64; the graph gets what it will get from clients.
    answers = ask_graph(graph, rows)
    graph = declare_outputs(graph, answers, keep=len(expected))
    actual = list(answers.values())[: len(expected)]
    comparison = compare(list(expected.values()), actual, tolerance)
    if comparison.differing:
        raise Refusal(difference_report(rows, expected, actual, comparison, tolerance))
    return graph, comparison


def ask_source(source: SourceVersion, rows: pd.DataFrame) -> Answers:
    try:
        return ask(source.model, source.example.as_source_takes(rows))
    except Refusal:
        raise
    except Exception as error:  # whatever the source model raises
        raise Refusal(f"{source.location.uri} itself fails on rows around its example: {one_line(error)}") from error


def ask_graph(graph: ModelProto, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    try:
        return run(graph, feeds_of(rows))
    except Exception as error:  # onnxruntime's errors share no base class but this one
        raise Refusal(f"onnxruntime cannot run the export: {one_line(error)}") from error


def register_export(
    client: mlflow.MlflowClient, source: SourceVersion, graph: ModelProto, comparison: Comparison
) -> ModelVersion:
    """Registers the graph with the source's params and metrics and with tags that say where it came from."""
    source_run = run_of(client, source)
    frame = source.example.frame
    feeds = feeds_of(frame)
    tags = {TAG_SOURCE: source.location.uri, TAG_PARITY: describe(comparison)}
    if source.run_id:
        tags[TAG_SOURCE_RUN] = source.run_id
    with mlflow.start_run(experiment_id=source_run.info.experiment_id if source_run else None, tags=tags):
        return register(
            OnnxVersion(
                graph=graph,
                signature=signature_of(feeds, run(graph, feeds)),
                example=example_to_store(frame),
                metadata=metadata_of(source),
                params=source_run.data.params if source_run else {},
                metrics=source_run.data.metrics if source_run else {},
                tags=tags,
            ),
            source.location.model_name,
        )


def run_of(client: mlflow.MlflowClient, source: SourceVersion) -> Run | None:
    """The run that logged the source, if there was one and it still exists."""
    if not source.run_id:
        return None
    try:
        found = client.get_run(source.run_id)
    except MlflowException:
        return None
    return found if found.info.lifecycle_stage == "active" else None


def example_to_store(frame: pd.DataFrame) -> np.ndarray | dict[str, np.ndarray]:
    """The example in the shapes of its feeds, but not in float32: the JSON would read 5.099999904632568 for 5.1."""
    if all_numbers(frame):
        return frame.to_numpy(dtype=float)
    return {str(name): frame[name].to_numpy().reshape(-1, 1) for name in frame}


def metadata_of(source: SourceVersion) -> dict[str, object]:
    """The source's own metadata; the names of its columns too, where a matrix would lose them."""
    frame = source.example.frame
    names = list(frame.columns)
    lost = all_numbers(frame) and all(isinstance(name, str) for name in names)
    return {**({"feature_names": names} if lost else {}), **source.metadata}


def finish_without_export(client: mlflow.MlflowClient, location: Location, alias: str | None) -> None:
    """For a version that is ONNX already. An alias is set all the same: what was asked for is then true."""
    if not location.registered:
        raise Refusal(
            f"{location.uri} is already ONNX: register it as it is, with "
            f"mlflow.register_model({location.uri!r}, {location.model_name!r})"
        )
    name, version = location.uri.removeprefix("models:/").rsplit("/", 1)
    if alias:
        client.set_registered_model_alias(name, alias, version)
    print(f"{location.uri} is already ONNX; nothing to export.")
    print(f"\nLoad it as the next version:\n{load_command(location.uri)}")


def describe(comparison: Comparison) -> str:
    return f"{comparison.rows} rows, largest difference {comparison.largest:.1e}"


def difference_report(
    rows: pd.DataFrame, expected: Answers, actual: list[np.ndarray], comparison: Comparison, tolerance: float
) -> str:
    """By how much the answers differ, in how many rows, and the first of them."""
    shown = "\n".join(
        f"  row {index} {rows.iloc[index].to_dict()}:\n"
        f"    source {[each[index].tolist() for each in expected.values()]}\n"
        f"    ONNX   {[each[index].tolist() for each in actual]}"
        for index in comparison.differing[:ROWS_SHOWN]
    )
    return (
        f"Nothing was registered: the ONNX export answers differently in {len(comparison.differing)} of "
        f"{comparison.rows} rows, with another label in {comparison.differing_labels}; the largest difference is "
        f"{comparison.largest:.1e} where {tolerance:.0e} is allowed. ONNX computes in float32: a scaler before trees, "
        f"for one, moves values across thresholds (trees need no scaler). The first such rows:\n{shown}"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Turns a scikit-learn, XGBoost or LightGBM version into an ONNX version of the same registered "
        "model in the MLflow server that MLFLOW_TRACKING_URI names. Registers it only if both answer the same. "
        "The version is loaded, which runs its code: export only what you trust.",
    )
    parser.add_argument(
        "--model-uri",
        required=True,
        metavar="URI",
        help="models:/name/3 or models:/name@alias; with --model-name also models:/m-id and runs:/id/path",
    )
    parser.add_argument(
        "--model-name", metavar="NAME", help="registered model that gets the ONNX version (default: the source's)"
    )
    parser.add_argument(
        "--example",
        type=Path,
        metavar="FILE",
        help="JSON file with rows that the model takes, as MLflow's scoring server takes them or as a list of rows "
        "(default: the input example that the version was logged with)",
    )
    parser.add_argument("--alias", type=alias_name, help="alias that the ONNX version gets")
    parser.add_argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        help="largest difference of two numbers that still counts as the same, relative for numbers above 1 "
        "(default: %(default)s); labels must be equal",
    )
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
