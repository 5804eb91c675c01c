"""Triton's own HTTP client, unmodified."""

import asyncio
import threading

import numpy as np
import pytest
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 3.4, 5.4, 2.3]], dtype=np.float32)

SAMPLES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255], [1, 2]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535], [1, 2]], dtype=np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [1, 2]], dtype=np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2**53 + 1, 2]], dtype=np.uint64),
    "INT8": np.array([[-128, 127], [-1, 0]], dtype=np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [-1, 0]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [-1, 0]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [2**53 + 1, 0]], dtype=np.int64),
    "FP16": np.array([[0.5, -2], [np.inf, 65504]], dtype=np.float16),
    "FP32": np.array([[0.1, np.nan], [np.inf, -np.inf]], dtype=np.float32),
    "FP64": np.array([[0.1, 1e308], [5e-324, -0.0]], dtype=np.float64),
    "BYTES": np.array([["Rīga", ""], ["🙂", 'a\n"b"']], dtype=object),
}


def as_input(name: str, datatype: str, array: np.ndarray, binary: bool = True) -> triton.InferInput:
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def rows(array: np.ndarray = ROWS, binary: bool = True) -> list[triton.InferInput]:
    return [as_input("X", "FP32", array, binary)]


@pytest.fixture
def client(iris: str):
    with triton.InferenceServerClient(iris) as made:
        yield made


def test_what_the_server_says_of_itself(client) -> None:
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("default") and client.is_model_ready("default", "3")
    assert not client.is_model_ready("nobody") and not client.is_model_ready("default", "99")
    metadata = client.get_server_metadata(query_params={"test_1": 1, "test_2": 2})
    assert metadata["name"] == "understudy" and "binary_tensor_data" in metadata["extensions"]


def test_what_a_model_says_of_itself(client) -> None:
    metadata = client.get_model_metadata("default")
    assert metadata["versions"] == ["1", "3"]
    assert metadata["inputs"] == [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}]
    config = client.get_model_config("default", "3")
    assert config["max_batch_size"] > 0
    assert config["input"] == [{"name": "X", "data_type": "TYPE_FP32", "dims": [4]}]
    assert {output["name"] for output in config["output"]} == {output["name"] for output in metadata["outputs"]}


def test_the_repository(client) -> None:
    index = client.get_model_repository_index()
    assert [(model["name"], model["version"], model["state"]) for model in index] == [
        ("default", "1", "READY"),
        ("default", "3", "READY"),
    ]
    client.load_model("default")
    with pytest.raises(InferenceServerException, match="failed to load 'nobody'"):
        client.load_model("nobody")
    with pytest.raises(InferenceServerException, match="explicit model load / unload is not allowed"):
        client.unload_model("default")


@pytest.mark.parametrize("binary_out", [True, False])
@pytest.mark.parametrize("binary_in", [True, False])
def test_inference(client, binary_in: bool, binary_out: bool) -> None:
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("probabilities", "label")]
    result = client.infer("default", rows(binary=binary_in), outputs=outputs, request_id="42")
    assert result.as_numpy("label").tolist() == [0, 2]
    assert result.as_numpy("label").dtype == np.int64
    assert result.as_numpy("probabilities").shape == (2, 3)
    response = result.get_response()
    assert (response["id"], response["model_name"], response["model_version"]) == ("42", "default", "1")


def test_versions_and_slots(client) -> None:
    assert client.infer("default", rows(), model_version="3").get_response()["model_version"] == "3"
    result = client.infer("default", rows(), headers={"X-Model-Slot": "next"})
    assert result.get_response()["model_version"] == "3"


@pytest.mark.parametrize("response", [None, "gzip", "deflate"])
@pytest.mark.parametrize("request_", [None, "gzip", "deflate"])
def test_compression(client, request_: str | None, response: str | None) -> None:
    many = np.tile(ROWS, (500, 1))
    result = client.infer(
        "default",
        rows(many),
        request_compression_algorithm=request_,
        response_compression_algorithm=response,
    )
    assert result.as_numpy("label").tolist() == [0, 2] * 500


def test_classification(client) -> None:
    outputs = [triton.InferRequestedOutput("probabilities", class_count=2)]
    texts = client.infer("default", rows(), outputs=outputs).as_numpy("probabilities")
    assert texts.shape == (2, 2)
    value, index, label = texts[0][0].decode().split(":")
    assert (index, label) == ("0", "setosa") and 0 < float(value) <= 1


@pytest.mark.parametrize("datatype", SAMPLES)
def test_every_datatype_as_bytes(every_type: str, datatype: str) -> None:
    with triton.InferenceServerClient(every_type) as client:
        inputs = [as_input(f"in_{name}", name, array) for name, array in SAMPLES.items()]
        got = client.infer("default", inputs).as_numpy(f"out_{datatype}")
    if datatype == "BYTES":
        assert [text.decode() for text in got.ravel()] == SAMPLES["BYTES"].ravel().tolist()
    else:
        assert got.dtype == SAMPLES[datatype].dtype
        assert got.tobytes() == SAMPLES[datatype].tobytes()


@pytest.mark.parametrize("datatype", [name for name in SAMPLES if name != "FP16"])
def test_every_datatype_as_json(every_type: str, datatype: str) -> None:
    with triton.InferenceServerClient(every_type) as client:
        inputs = [as_input(f"in_{name}", name, array, binary=name == "FP16") for name, array in SAMPLES.items()]
        outputs = [triton.InferRequestedOutput(f"out_{datatype}", binary_data=False)]
        got = client.infer("default", inputs, outputs=outputs).as_numpy(f"out_{datatype}")
    if datatype == "BYTES":
        assert got.ravel().tolist() == SAMPLES["BYTES"].ravel().tolist()
    else:
        np.testing.assert_array_equal(got, SAMPLES[datatype])


def test_no_rows(every_type: str) -> None:
    with triton.InferenceServerClient(every_type) as client:
        inputs = [as_input(f"in_{name}", name, array[:0]) for name, array in SAMPLES.items()]
        result = client.infer("default", inputs)
    for name in SAMPLES:
        assert result.as_numpy(f"out_{name}").shape == (0, 2)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda client: client.infer("nobody", rows()), r"^\[404\] Request for unknown model: 'nobody' is not found"),
        (lambda client: client.infer("default", rows(), model_version="99"), r"^\[404\] .*version 99 is not found"),
        (lambda client: client.infer("default", []), r"^\[400\] expected 1 inputs but got 0 inputs"),
        (lambda client: client.infer("default", rows(ROWS[:, :3].copy())), r"^\[400\] unexpected shape for input 'X'"),
        (
            lambda client: client.infer("default", [as_input("X", "INT32", ROWS.astype(np.int32))]),
            r"^\[400\] input 'X' has datatype INT32, the model takes FP32",
        ),
        (
            lambda client: client.infer("default", rows(), outputs=[triton.InferRequestedOutput("DUMMY")]),
            r"^\[400\] unexpected inference output 'DUMMY' for model",
        ),
        (lambda client: client.infer("default", rows(), sequence_id=7), r"^\[400\] .*asks for a sequence"),
        (
            lambda client: client.infer("default", rows(), response_compression_algorithm="gzip", model_version="x"),
            r"^\[404\] Request for unknown model",
        ),
        (lambda client: client.get_model_metadata("nobody"), r"^\[404\] Request for unknown model: 'nobody'"),
        (lambda client: client.get_model_config("default", "99"), r"^\[404\] .*version 99 is not found"),
        (lambda client: client.get_inference_statistics("default"), r"^\[404\] There is no GET "),
    ],
)
def test_errors_are_raised_with_the_servers_sentence(client, ask, sentence: str) -> None:
    with pytest.raises(InferenceServerException, match=sentence):
        ask(client)
    assert client.infer("default", rows()).as_numpy("label").tolist() == [0, 2]


def test_a_server_without_a_model(empty: str) -> None:
    with triton.InferenceServerClient(empty) as client:
        assert client.is_server_live()
        assert not client.is_server_ready() and not client.is_model_ready("default")
        with pytest.raises(InferenceServerException, match=r"^\[503\] current holds no version"):
            client.infer("default", rows())


def test_many_requests_at_once(iris: str) -> None:
    wrong = []

    def ask(first: int) -> None:
        with triton.InferenceServerClient(iris, concurrency=4) as client:
            for index in range(first, first + 25):
                row = ROWS[[index % 2]]
                pending = [client.async_infer("default", rows(row), request_id=str(index)) for _ in range(4)]
                for each in pending:
                    result = each.get_result()
                    if result.as_numpy("label").tolist() != [0 if index % 2 == 0 else 2]:
                        wrong.append(index)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_asynchronous_client(iris: str) -> None:
    async def ask() -> None:
        async with triton_aio.InferenceServerClient(iris) as client:
            assert await client.is_server_ready()
            assert (await client.get_model_metadata("default"))["name"] == "default"
            assert len(await client.get_model_repository_index()) == 2
            many = np.tile(ROWS, (500, 1))
            for binary in (True, False):
                inputs = [triton_aio.InferInput("X", list(many.shape), "FP32")]
                inputs[0].set_data_from_numpy(many, binary_data=binary)
                result = await client.infer("default", inputs)
                assert result.as_numpy("label").tolist() == [0, 2] * 500
            with pytest.raises(InferenceServerException, match="Request for unknown model"):
                await client.infer("nobody", inputs)

    asyncio.run(ask())
