"""MLflow's own client of its scoring server, unmodified."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]], dtype=np.float32)


def client_of(address: str) -> ScoringServerClient:
    return ScoringServerClient(*address.split(":"))


def test_it_finds_the_server_ready(iris: str) -> None:
    client = client_of(iris)
    client.wait_server_ready(timeout=5)
    client.ping()
    assert client.get_version() == mlflow.__version__


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(ROWS, columns=COLUMNS),
        pd.DataFrame(ROWS, columns=COLUMNS)[COLUMNS[::-1]],
        ROWS,
        ROWS.tolist(),
    ],
    ids=["data-frame", "data-frame-in-another-order", "array", "list"],
)
def test_it_invokes_the_model(iris: str, data) -> None:
    predictions = client_of(iris).invoke(data).get_predictions(predictions_format="ndarray")
    assert np.asarray(predictions.item()["label"]).tolist() == [0, 2]


def test_params_do_no_harm(iris: str) -> None:
    answer = client_of(iris).invoke(pd.DataFrame(ROWS, columns=COLUMNS), params={"temperature": 0.5})
    assert answer.to_json() is not None
    assert set(answer["predictions"]) == {"label", "probabilities"}


def test_errors_carry_the_servers_sentence(iris: str) -> None:
    with pytest.raises(Exception, match=r"Invocation failed \(error code 400, .*petal_width"):
        client_of(iris).invoke(pd.DataFrame(ROWS[:, :3], columns=COLUMNS[:3]))


def test_it_waits_in_vain_for_a_server_without_a_model(empty: str) -> None:
    with pytest.raises(RuntimeError, match=r"was not ready after .*ping failed \(error code 404\)"):
        client_of(empty).wait_server_ready(timeout=1)
