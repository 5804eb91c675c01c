"""The bundled folder registry: reproducible to the byte, truthful, and as accurate as promised."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import onnx
import pytest
import yaml
from conftest import Run

import make_bundled_models
from iris import EXAMPLE, Hyperparameters, evaluate, example_feeds, split_iris
from make_bundled_models import MODELS, TEST_SIZE
from onnx_graph import run as run_graph

BUNDLED = MODELS / "tracking-quickstart"
ACCURACIES = {1: 19 / 30, 2: 27 / 30, 3: 30 / 30}
SCRIPT = Path(make_bundled_models.__file__)


def test_what_is_committed_is_what_the_command_writes(run: Run) -> None:
    outcome = run(make_bundled_models, "--check")
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("processor", ["Prescott", "Haswell"])
def test_an_old_and_a_newer_processor_write_the_same_bytes(processor: str) -> None:
    """OpenBLAS can be told to compute as on another processor; one without its instructions would not get this far."""
    outcome = subprocess.run(
        [sys.executable, SCRIPT, "--check"],
        env={**os.environ, "OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_files_that_differ_are_missing_or_do_not_belong_are_named(run: Run, tmp_path: Path) -> None:
    shutil.copytree(BUNDLED, tmp_path / "tracking-quickstart")
    (tmp_path / "tracking-quickstart/1/meta.yaml").write_text("description: another\n")
    (tmp_path / "tracking-quickstart/2/model.onnx").unlink()
    (tmp_path / "tracking-quickstart/4").mkdir()
    (tmp_path / "tracking-quickstart/4/MLmodel").write_text("")

    outcome = run(make_bundled_models, "--check", "--output", str(tmp_path))

    assert outcome.code == 1
    assert outcome.err.splitlines()[1:] == [
        "  tracking-quickstart/1/meta.yaml: differs",
        "  tracking-quickstart/2/model.onnx: missing",
        "  tracking-quickstart/4/MLmodel: not written by it",
    ]


def test_it_writes_to_an_empty_folder(run: Run, tmp_path: Path) -> None:
    assert run(make_bundled_models, "--output", str(tmp_path / "new")).code == 0
    assert run(make_bundled_models, "--check", "--output", str(tmp_path / "new")).code == 0


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_version_answers_the_two_known_rows_and_is_as_accurate_as_its_notes_say(version: int) -> None:
    graph = onnx.load(BUNDLED / str(version) / "model.onnx")
    assert run_graph(graph, example_feeds())["label"].tolist() == [0, 2]

    metrics = evaluate(graph, split_iris(TEST_SIZE, Hyperparameters().random_state)).metrics
    assert metrics["accuracy"] == pytest.approx(ACCURACIES[version])
    notes = yaml.safe_load((BUNDLED / str(version) / "meta.yaml").read_text())
    assert notes["metrics"] == pytest.approx(metrics, abs=5e-5)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_mlmodel_names_only_files_that_are_there(version: int) -> None:
    folder = BUNDLED / str(version)
    ml_model = yaml.safe_load((folder / "MLmodel").read_text())
    example = ml_model["saved_input_example_info"]
    named = {ml_model["flavors"]["onnx"]["data"], example["artifact_path"], example["serving_input_path"]}
    assert named | {"MLmodel", "meta.yaml"} == {path.name for path in folder.iterdir()}
    assert "env" not in ml_model["flavors"]["python_function"]


def test_mlflow_itself_can_load_and_ask_a_bundled_version() -> None:
    answer = mlflow.pyfunc.load_model(str(BUNDLED / "1")).predict(EXAMPLE.astype(np.float32))
    assert answer["label"].tolist() == [0, 2]


def test_the_aliases_name_versions() -> None:
    assert (BUNDLED / "aliases/champion").read_text() == "1\n"
    assert (BUNDLED / "aliases/candidate").read_text() == "3\n"
