"""export_onnx.py against a real MLflow server: what it exports answers as its source did, and the rest is refused."""

import json
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import numpy as np
import onnx
import pandas as pd
import pytest
import xgboost
from conftest import Run
from export_sources import COLUMNS, FEATURES, LABELS, PICKLED, SITED, SOURCES, SPECIES, Source, by_column
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import estimators
import export_onnx
import train
from estimators import ask, feeds_of
from onnx_graph import run as run_graph

FIRST_PARAMS = {f"param_{number}": str(number) for number in range(100)}
PARAMS = {**FIRST_PARAMS, "one_more": "than MLflow takes in one request"}
METRICS = {"accuracy": 0.5}


def spread(rows: Any) -> Any:
    """A few rows from all over the data set."""
    return rows[::30].reset_index(drop=True) if isinstance(rows, pd.DataFrame) else rows[::30]


def log(flavor: Any, model: Any, name: str, example: Any = None, **how: Any) -> mlflow.models.model.ModelInfo:
    mlflow.set_experiment("export-sources")
    with mlflow.start_run():
        mlflow.log_params(FIRST_PARAMS)
        mlflow.log_param("one_more", PARAMS["one_more"])
        mlflow.log_metrics(METRICS)
        return flavor.log_model(
            model, name="model", registered_model_name=name, input_example=example, pip_requirements=["mlflow"], **how
        )


def newest_version(client: mlflow.MlflowClient, name: str) -> int:
    return max(int(version.version) for version in client.search_model_versions(f"name='{name}'"))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_an_export_answers_as_its_source_on_rows_it_was_not_checked_on(
    run: Run, client: mlflow.MlflowClient, model_name: str, source: Source
) -> None:
    model = source.fit()
    log(source.flavor, model, model_name, spread(source.rows), **source.how)

    outcome = run(export_onnx, "--model-uri", f"models:/{model_name}/1")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"models:/{model_name}/2 is the ONNX export of models:/{model_name}/1 ")
    graph = onnx.load(Path(mlflow.artifacts.download_artifacts(f"models:/{model_name}/2")) / "model.onnx")
    assert tuple(graph_input.name for graph_input in graph.graph.input) == source.inputs
    answers = run_graph(graph, feeds_of(pd.DataFrame(source.rows)))
    expected = ask(model, source.rows)
    assert tuple(answers) == tuple(expected) == source.outputs
    for name, values in expected.items():
        if values.dtype.kind == "f":
            assert answers[name].reshape(values.shape) == pytest.approx(values, abs=1e-5)
        else:
            assert answers[name].tolist() == values.tolist()


def test_an_export_tells_where_it_came_from_and_keeps_params_and_metrics(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    info = log(mlflow.sklearn, LogisticRegression(max_iter=500).fit(COLUMNS, LABELS), model_name, spread(COLUMNS))
    client.set_registered_model_alias(model_name, "production", "1")

    outcome = run(export_onnx, "--model-uri", f"models:/{model_name}@production", "--alias", "candidate")

    assert outcome.code == 0
    version = client.get_model_version_by_alias(model_name, "candidate")
    assert version.version == "2"
    assert version.tags["understudy.exported_from"] == f"models:/{model_name}/1"
    assert version.tags["understudy.source_run_id"] == info.run_id
    assert version.tags["understudy.parity"].startswith("4101 rows, largest difference ")
    source_run, export_run = client.get_run(info.run_id), client.get_run(version.run_id)
    assert export_run.data.params == PARAMS
    assert export_run.data.metrics == METRICS
    assert export_run.info.experiment_id == source_run.info.experiment_id
    assert outcome.out.splitlines()[-1].endswith(f'\'{{"model_uri": "models:/{model_name}/2"}}\'')


def test_an_export_stores_signature_example_and_column_names(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    log(mlflow.sklearn, LogisticRegression(max_iter=500).fit(COLUMNS, SPECIES), model_name, spread(COLUMNS))
    run(export_onnx, "--model-uri", f"models:/{model_name}/1")

    folder = mlflow.artifacts.download_artifacts(f"models:/{model_name}/2")
    ml_model = mlflow.models.Model.load(folder)
    assert [(each.type, each.shape) for each in ml_model.signature.inputs.inputs] == [(np.dtype("float32"), (-1, 4))]
    assert [(each.name, each.type, each.shape) for each in ml_model.signature.outputs.inputs] == [
        ("label", np.dtype(str), (-1,)),
        ("probabilities", np.dtype("float32"), (-1, 3)),
    ]
    assert ml_model.metadata == {"feature_names": list(COLUMNS.columns)}
    assert json.loads(Path(folder, "input_example.json").read_text()) == spread(COLUMNS).to_numpy().tolist()


def test_a_pipeline_on_columns_gets_one_named_input_per_column(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    pipeline = make_pipeline(by_column(), LogisticRegression(max_iter=500)).fit(SITED, LABELS)
    log(mlflow.sklearn, pipeline, model_name, spread(SITED))
    run(export_onnx, "--model-uri", f"models:/{model_name}/1")

    folder = mlflow.artifacts.download_artifacts(f"models:/{model_name}/2")
    ml_model = mlflow.models.Model.load(folder)
    assert {each.name: (each.type, each.shape) for each in ml_model.signature.inputs.inputs} == {
        **{name: (np.dtype("float32"), (-1, 1)) for name in COLUMNS.columns},
        "site": (np.dtype(str), (-1, 1)),
        "leaves": (np.dtype("int64"), (-1, 1)),
    }
    example = ml_model.load_input_example(folder)
    answer = mlflow.pyfunc.load_model(folder).predict(example)
    assert answer["label"].tolist() == pipeline.predict(spread(SITED)).tolist()


def test_rows_can_be_given_where_the_version_has_no_example(
    run: Run, client: mlflow.MlflowClient, model_name: str, tmp_path: Path
) -> None:
    log(mlflow.sklearn, LogisticRegression(max_iter=500).fit(FEATURES, LABELS), model_name)

    refused = run(export_onnx, "--model-uri", f"models:/{model_name}/1")
    assert refused.code == 1
    assert "was logged without an input example" in refused.err and "--example rows.json" in refused.err
    assert newest_version(client, model_name) == 1

    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps({"dataframe_split": spread(COLUMNS).to_dict("split", index=False)}))
    assert run(export_onnx, "--model-uri", f"models:/{model_name}/1", "--example", str(rows)).code == 0
    assert newest_version(client, model_name) == 2


def test_a_logged_model_or_run_needs_the_name_of_a_registered_model(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    info = log(mlflow.sklearn, LogisticRegression(max_iter=500).fit(FEATURES, LABELS), model_name, FEATURES[:3])
    for uri in [f"models:/{info.model_id}", f"runs:/{info.run_id}/model"]:
        assert "--model-name" in run(export_onnx, "--model-uri", uri).err
        outcome = run(export_onnx, "--model-uri", uri, "--model-name", model_name)
        assert (outcome.code, outcome.err) == (0, "")
        version = client.get_model_version(model_name, str(newest_version(client, model_name)))
        assert version.tags["understudy.exported_from"] == uri
    assert newest_version(client, model_name) == 3


def test_trees_behind_a_scaler_that_float32_tips_over_a_threshold_are_refused(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    """XGBoost puts thresholds on scaled training values, and scaling in float32 lands on the other side of some."""
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=10)).fit(COLUMNS, LABELS)
    log(mlflow.sklearn, pipeline, model_name, COLUMNS, **PICKLED)

    outcome = run(export_onnx, "--model-uri", f"models:/{model_name}/1")

    assert outcome.code == 1
    assert "Nothing was registered: the ONNX export answers differently in " in outcome.err
    assert "'petal length (cm)': 5.2" in outcome.err
    assert newest_version(client, model_name) == 1


def test_an_export_of_another_model_is_refused_with_rows_and_size_of_the_difference(
    run: Run, client: mlflow.MlflowClient, model_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(mlflow.sklearn, LogisticRegression(max_iter=500).fit(FEATURES, LABELS), model_name, spread(FEATURES))
    another = LogisticRegression(C=0.001).fit(FEATURES, LABELS)
    monkeypatch.setattr(export_onnx, "convert", lambda model, example: estimators.convert(another, example))

    outcome = run(export_onnx, "--model-uri", f"models:/{model_name}/1", "--alias", "candidate")

    assert outcome.code == 1
    assert "in 4101 of 4101 rows" in outcome.err and "where 1e-04 is allowed" in outcome.err
    assert outcome.err.count("    source [") == outcome.err.count("    ONNX   [") == export_onnx.ROWS_SHOWN
    assert newest_version(client, model_name) == 1
    assert client.get_registered_model(model_name).aliases == {}


class Echo(mlflow.pyfunc.PythonModel):
    """A model of no library."""

    def predict(self, context, model_input, params=None):
        return model_input


def test_flavors_and_models_that_cannot_be_exported_are_named(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="model", python_model=Echo(), registered_model_name=model_name, pip_requirements=["mlflow"]
        )
    log(mlflow.sklearn, KMeans(3).fit(FEATURES), model_name, FEATURES[:3])

    pyfunc = run(export_onnx, "--model-uri", f"models:/{model_name}/1")
    assert pyfunc.code == 1
    assert pyfunc.err.strip() == (
        f"error: models:/{model_name}/1 has flavors python_function; none of them can be exported. "
        "Supported are lightgbm, sklearn, xgboost"
    )
    clusters = run(export_onnx, "--model-uri", f"models:/{model_name}/2")
    assert (clusters.code, "KMeans is neither a classifier nor a regressor" in clusters.err) == (1, True)
    assert newest_version(client, model_name) == 2


def test_a_version_that_is_onnx_already_only_gets_the_alias(
    run: Run, client: mlflow.MlflowClient, model_name: str
) -> None:
    run(train, "--model-name", model_name)

    outcome = run(export_onnx, "--model-uri", f"models:/{model_name}/1", "--alias", "live")

    assert outcome.code == 0
    assert outcome.out.startswith(f"models:/{model_name}/1 is already ONNX; nothing to export.\n")
    assert newest_version(client, model_name) == 1
    assert client.get_model_version_by_alias(model_name, "live").version == "1"
    model_id = client.get_model_version(model_name, "1").source.removeprefix("models:/")
    unregistered = run(export_onnx, "--model-uri", f"models:/{model_id}", "--model-name", model_name)
    assert (unregistered.code, "mlflow.register_model" in unregistered.err) == (1, True)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("models:/{name}/7", "was not found in the registry"),
        ("models:/{name}@nobody", "was not found in the registry"),
        ("models:/{name}/1/model.onnx", "is no model URI. Expected models:/name/3"),
        ("./model", "is no model URI. Expected models:/name/3"),
    ],
)
def test_a_uri_that_leads_nowhere_is_refused(
    run: Run, client: mlflow.MlflowClient, model_name: str, uri: str, sentence: str
) -> None:
    outcome = run(export_onnx, "--model-uri", uri.format(name=model_name))
    assert (outcome.code, sentence in outcome.err) == (1, True)
