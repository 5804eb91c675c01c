"""What people write by hand: `requests` and pandas."""

import pandas as pd
import pytest
import requests

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
FRAME = pd.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]], columns=COLUMNS)


@pytest.mark.parametrize("orient", ["split", "records"])
def test_a_data_frame_as_mlflow_takes_it(iris: str, orient: str) -> None:
    body = {f"dataframe_{orient}": FRAME.to_dict(orient=orient)}
    answer = requests.post(f"http://{iris}/invocations", json=body, timeout=10)
    assert answer.json()["predictions"]["label"] == [0, 2]
    assert answer.headers["X-Model-Version"] == "1"


def test_csv(iris: str) -> None:
    answer = requests.post(
        f"http://{iris}/invocations",
        data=FRAME.to_csv(index=False),
        headers={"Content-Type": "text/csv"},
        timeout=10,
    )
    assert answer.json()["predictions"]["label"] == [0, 2]


def test_a_session_goes_through_every_protocol_on_one_connection(iris: str) -> None:
    rows = FRAME.to_numpy().tolist()
    tensor = {"name": "X", "datatype": "FP32", "shape": [2, 4], "data": rows}
    with requests.Session() as session:
        predict = session.post(f"http://{iris}/predict", json={"data": rows}, timeout=10)
        assert predict.json() == {"predictions": [0, 2], "model_used": "current"}
        infer = session.post(
            f"http://{iris}/v2/models/default/infer",
            json={"inputs": [tensor], "outputs": [{"name": "label"}]},
            timeout=10,
        )
        assert infer.json()["outputs"][0]["data"] == [0, 2]
        refused = session.post(f"http://{iris}/v2/models/default/infer", json={"inputs": []}, timeout=10)
        assert refused.status_code == 400 and "expected 1 inputs" in refused.json()["error"]
        assert session.get(f"http://{iris}/ping", timeout=10).ok


def test_a_body_in_pieces(iris: str) -> None:
    def pieces():
        yield b'{"inputs": ['
        for row in FRAME.to_numpy().tolist() * 50:
            yield f"{row},".encode()
        yield b"[1, 2, 3, 4]]}"

    answer = requests.post(
        f"http://{iris}/invocations",
        data=pieces(),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert len(answer.json()["predictions"]["label"]) == 101


def test_a_large_answer_is_uncompressed_by_itself(iris: str) -> None:
    tensor = {"name": "X", "datatype": "FP32", "shape": [1000, 4], "data": FRAME.to_numpy().tolist() * 500}
    answer = requests.post(f"http://{iris}/v2/models/default/infer", json={"inputs": [tensor]}, timeout=10)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["outputs"][0]["data"] == [0, 2] * 500
