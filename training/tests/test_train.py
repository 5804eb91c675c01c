"""train.py against a real MLflow server."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import numpy as np
import onnx
import pytest
from conftest import Run

import train
from iris import EXAMPLE, Hyperparameters, evaluate, example_feeds, split_iris
from onnx_graph import run as run_graph

REPOSITORY = Path(__file__).resolve().parents[2]


def versions_of(client: mlflow.MlflowClient, name: str) -> list[int]:
    return sorted(int(version.version) for version in client.search_model_versions(f"name='{name}'"))


def aliases_of(client: mlflow.MlflowClient, name: str) -> dict[str, str]:
    return dict(client.get_registered_model(name).aliases)


def downloaded(name: str, version: int) -> Path:
    return Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}"))


def test_training_twice_makes_two_versions_and_moves_only_the_candidate(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    first = run(train, "--model-name", model_name)
    assert (first.code, first.err) == (0, "")
    assert aliases_of(client, model_name) == {"champion": "1", "candidate": "1"}

    second = run(train, "--model-name", model_name, "--C", "0.01", "--max-iter", "500")
    assert (second.code, second.err) == (0, "")
    assert versions_of(client, model_name) == [1, 2]
    assert aliases_of(client, model_name) == {"champion": "1", "candidate": "2"}
    version_line, _, _, curl = second.out.splitlines()
    assert version_line.startswith("version 2: solver=lbfgs C=0.01 ")
    assert "max_iter=500" in version_line and "accuracy=0.9000" in version_line
    assert curl == (
        "curl -X POST http://localhost:8000/update-model -H 'Content-Type: application/json' "
        f'-d \'{{"model_uri": "models:/{model_name}/2"}}\''
    )


def test_a_version_carries_params_metrics_picture_signature_and_example(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    assert run(train, "--model-name", model_name, "--C", "0.5").code == 0

    data = client.get_run(client.get_model_version(model_name, "1").run_id).data
    assert data.params == {
        "solver": "lbfgs",
        "C": "0.5",
        "l1_ratio": "0.0",
        "max_iter": "1000",
        "tol": "0.0001",
        "random_state": "8888",
        "test_size": "0.2",
    }
    assert set(data.metrics) == {"accuracy", "f1_macro", "log_loss", "n_iter"}

    run_id = client.get_model_version(model_name, "1").run_id
    picture = Path(client.download_artifacts(run_id, "confusion_matrix.png")).read_bytes()
    assert picture.startswith(b"\x89PNG\r\n") and len(picture) > 5_000

    folder = downloaded(model_name, 1)
    ml_model = mlflow.models.Model.load(folder)
    assert ml_model.signature.to_dict()["inputs"] == (
        '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
    )
    assert [(each.name, each.type, each.shape) for each in ml_model.signature.outputs.inputs] == [
        ("label", np.dtype("int64"), (-1,)),
        ("probabilities", np.dtype("float32"), (-1, 3)),
    ]
    assert ml_model.metadata == {
        "feature_names": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
        "class_names": ["setosa", "versicolor", "virginica"],
    }
    assert json.loads((folder / "input_example.json").read_text()) == [[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]]


def test_the_stored_graph_answers_and_its_logged_accuracy_is_its_own(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    run(train, "--model-name", model_name)
    folder = downloaded(model_name, 1)
    graph = onnx.load(folder / "model.onnx")

    answers = run_graph(graph, example_feeds())
    assert list(answers) == ["label", "probabilities"]
    assert answers["label"].tolist() == [0, 2] and answers["label"].dtype == np.int64
    assert answers["probabilities"].shape == (2, 3)
    assert mlflow.pyfunc.load_model(str(folder)).predict(EXAMPLE.astype(np.float32))["label"].tolist() == [0, 2]

    logged = client.get_run(client.get_model_version(model_name, "1").run_id).data.metrics
    measured = evaluate(graph, split_iris(0.2, Hyperparameters().random_state)).metrics
    assert {name: logged[name] for name in measured} == pytest.approx(measured)


def test_the_same_hyperparameters_make_the_same_bytes(run: Run, client: mlflow.MlflowClient, model_name: str) -> None:
    for _ in range(2):
        assert run(train, "--model-name", model_name).code == 0
    first, second = (downloaded(model_name, version) / "model.onnx" for version in (1, 2))
    assert first.read_bytes() == second.read_bytes()


def test_a_sweep_registers_one_version_per_point_and_marks_the_best(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    outcome = run(train, "--model-name", model_name, "--alias", "best", "--sweep", "C=10,0.001", "max-iter=5,1000")

    assert (outcome.code, outcome.err) == (0, "")
    assert versions_of(client, model_name) == [1, 2, 3, 4]
    accuracy = {
        version.version: client.get_run(version.run_id).data.metrics["accuracy"]
        for version in client.search_model_versions(f"name='{model_name}'")
    }
    assert accuracy["2"] == 1.0 and all(accuracy[other] < 1.0 for other in "134")
    assert aliases_of(client, model_name) == {"champion": "1", "best": "2"}
    lines = outcome.out.splitlines()
    assert [line.endswith("<- best") for line in lines[:4]] == [False, True, False, False]
    assert f"models:/{model_name}/2" in lines[-1]


def test_a_bare_sweep_stands_for_the_default_grid() -> None:
    points = train.grid(Hyperparameters(), [])
    assert [(point.C, point.max_iter) for point in points] == [
        (0.01, 10),
        (0.01, 1000),
        (0.1, 10),
        (0.1, 1000),
        (1.0, 10),
        (1.0, 1000),
    ]


def test_a_champion_that_was_taken_away_is_not_given_again(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    run(train, "--model-name", model_name)
    client.delete_registered_model_alias(model_name, "champion")
    run(train, "--model-name", model_name)
    assert aliases_of(client, model_name) == {"candidate": "2"}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--sweep", "depth=3"], 1, "expected NAME=VALUE,VALUE with a name out of C, l1_ratio, max_iter, tol, solver"),
        (["--sweep", "C=0.1,x"], 1, "could not convert string to float: 'x'"),
        (["--sweep", "C=1", "l1_ratio=0,0.5"], 1, "scikit-learn refuses these hyperparameters: Solver lbfgs"),
        (["--test-size", "1.5"], 1, "The rows cannot be split so"),
        (["--alias", "v2"], 2, "'v2' is no alias"),
    ],
)
def test_options_that_cannot_work_are_refused_before_anything_is_registered(
    run: Run, client: mlflow.MlflowClient, model_name: str, arguments: list[str], code: int, sentence: str
) -> None:
    outcome = run(train, "--model-name", model_name, *arguments)
    assert outcome.code == code
    assert sentence in outcome.err
    assert versions_of(client, model_name) == []


def test_a_server_that_is_down_is_one_sentence_within_seconds() -> None:
    outcome, seconds = run_as_a_program("http://127.0.0.1:1")
    assert outcome.returncode == 1
    assert re.fullmatch(
        r"error: The MLflow server at http://127\.0\.0\.1:1 cannot be used: \[Errno \d+\] Connection refused\. "
        r"Start it, or set MLFLOW_TRACKING_URI to one that runs\n",
        outcome.stderr,
    )
    assert seconds < 25  # of which most are Python's imports


def test_a_server_that_never_answers_is_given_up_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        outcome, seconds = run_as_a_program(f"http://127.0.0.1:{mute.getsockname()[1]}")
    assert (outcome.returncode, outcome.stderr.count("\n")) == (1, 1)
    assert "cannot be used: timed out" in outcome.stderr
    assert seconds < 30


def test_it_runs_from_the_root_of_the_repository(client: mlflow.MlflowClient, model_name: str) -> None:
    outcome, _ = run_as_a_program(os.environ["MLFLOW_TRACKING_URI"], "--model-name", model_name)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert versions_of(client, model_name) == [1]


def run_as_a_program(tracking_uri: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], float]:
    start = time.monotonic()
    outcome = subprocess.run(
        [sys.executable, "training/train.py", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return outcome, time.monotonic() - start
