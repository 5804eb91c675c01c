#!/usr/bin/env python3
"""Writes the folder registry models/ that Understudy serves from when no MLflow server is configured.

Three versions of one Iris classifier that differ in accuracy, so that a canary has something to show. Every byte is
reproducible: with --check the command compares what is there with what it would write. No MLflow server takes part.
"""

import argparse
import hashlib
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import process_settings  # noqa: F401 - must come before mlflow
import mlflow.onnx
import numpy as np
import yaml
from onnx import ModelProto
from sklearn.linear_model import LogisticRegression

from iris import EXAMPLE, METADATA, Hyperparameters, evaluate, example_feeds, fit, split_iris, to_onnx
from onnx_graph import run, signature_of
from registry import PIP_REQUIREMENTS

MODELS = Path(__file__).resolve().parent.parent / "models"
MODEL_NAME = "tracking-quickstart"
CREATED = "2026-11-01T00:00:00Z"
"""A date that stays; MLflow would write the moment."""
TEST_SIZE = 0.2
COEFFICIENT_DECIMALS = 6
"""Linear algebra libraries differ in the last bits from one processor to the next; rounding takes those bits away."""
METRIC_DECIMALS = 4
"""So do the kernels that onnxruntime picks."""
ALIASES = {"champion": 1, "candidate": 3}
SERVING_FILES = ["MLmodel", "model.onnx", "input_example.json", "serving_input_example.json"]
"""What is kept of what MLflow saves. Its three environment files serve nobody here and would age with every release."""


@dataclass(frozen=True)
class BundledVersion:
    """One version: its number, what it is trained with, and a sentence for people who choose."""

    number: int
    hyperparameters: Hyperparameters
    description: str


# Newton's method, where train.py uses L-BFGS: both seek the same optimum, but this one ends there to twelve digits on
# every processor. L-BFGS stops nearby, and where depends on the processor from the fourth digit on.
SOLVER = {"solver": "newton-cholesky", "tol": 1e-10}
VERSIONS = [
    BundledVersion(
        1,
        Hyperparameters(C=0.001, **SOLVER),
        "Regularised so strongly that it mistakes every versicolor: the one to improve on.",
    ),
    BundledVersion(2, Hyperparameters(C=0.01, **SOLVER), "Less regularised: mistakes a few versicolors."),
    BundledVersion(3, Hyperparameters(C=10.0, **SOLVER), "Hardly regularised: the best of the three."),
]


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        write_registry(Path(folder))
        made = files_below(Path(folder))
    if arguments.check:
        differing = differences(made, files_below(arguments.output / MODEL_NAME, arguments.output))
        if differing:
            sys.exit("\n".join([f"{arguments.output} is not what this command writes:", *differing]))
        print(f"{arguments.output} holds exactly the {len(made)} files that this command writes.")
        return
    for name, content in made.items():
        path = arguments.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"Wrote {len(made)} files, {sum(map(len, made.values()))} bytes, to {arguments.output}.")


def write_registry(root: Path) -> None:
    """Writes NAME/VERSION/ folders and NAME/aliases/ below `root`."""
    model = root / MODEL_NAME
    for version in VERSIONS:
        write_version(model / str(version.number), version)
    (model / "aliases").mkdir()
    for alias, number in ALIASES.items():
        (model / "aliases" / alias).write_text(f"{number}\n", encoding="utf-8")


def write_version(folder: Path, version: BundledVersion) -> None:
    """Trains one version and writes its MLflow model folder and its meta.yaml."""
    split = split_iris(TEST_SIZE, version.hyperparameters.random_state)
    graph = to_onnx(rounded(fit(version.hyperparameters, split)))
    save_model(folder, graph)
    metrics = evaluate(graph, split).metrics
    notes = {
        "description": version.description,
        "created": CREATED,
        "params": {**asdict(version.hyperparameters), "test_size": TEST_SIZE},
        "metrics": {name: round(value, METRIC_DECIMALS) for name, value in metrics.items()},
        "tags": {"dataset": "iris", "made_by": "training/make_bundled_models.py"},
    }
    write_yaml(folder / "meta.yaml", notes)


def rounded(model: LogisticRegression) -> LogisticRegression:
    """The same model with coefficients that every processor agrees on."""
    model.coef_ = np.round(model.coef_, COEFFICIENT_DECIMALS)
    model.intercept_ = np.round(model.intercept_, COEFFICIENT_DECIMALS)
    return model


def save_model(folder: Path, graph: ModelProto) -> None:
    """Saves an MLflow model folder, without what is random, dated, or of no use to a server."""
    feeds = example_feeds()
    mlflow.onnx.save_model(
        graph,
        str(folder),
        signature=signature_of(feeds, run(graph, feeds)),
        input_example=EXAMPLE,
        metadata=METADATA,
        pip_requirements=PIP_REQUIREMENTS,
        onnx_execution_providers=["CPUExecutionProvider"],
        save_as_external_data=False,
    )
    for path in folder.iterdir():
        if path.name not in SERVING_FILES:
            path.unlink()
    ml_model = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    ml_model["model_uuid"] = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:32]
    ml_model["utc_time_created"] = CREATED.replace("T", " ").removesuffix("Z")
    pyfunc = ml_model["flavors"]["python_function"]
    del pyfunc["env"]  # names the environment files that were dropped
    pyfunc["python_version"] = ".".join(pyfunc["python_version"].split(".")[:2])  # the patch release may differ
    write_yaml(folder / "MLmodel", ml_model)


def write_yaml(path: Path, content: dict[str, object]) -> None:
    text = yaml.safe_dump(content, default_flow_style=False, sort_keys=True, width=float("inf"))
    path.write_text(text, encoding="utf-8", newline="\n")


def files_below(folder: Path, root: Path | None = None) -> dict[str, bytes]:
    """Contents by path relative to `root`, by default to `folder` itself; nothing for a folder that is not there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(root or folder).as_posix(): path.read_bytes() for path in paths}


def differences(made: dict[str, bytes], present: dict[str, bytes]) -> list[str]:
    """One line per file that is missing, differs, or should not be there."""
    verdicts = {
        name: "missing" if name not in present else "not written by it" if name not in made else "differs"
        for name in sorted(made.keys() | present.keys())
        if made.get(name) != present.get(name)
    }
    return [f"  {name}: {verdict}" for name, verdict in verdicts.items()]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Writes the bundled folder registry, or checks the one that is there.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 and the names of files that differ"
    )
    parser.add_argument(
        "--output", type=Path, default=MODELS, help="folder to write to (default: models/ of this repository)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
