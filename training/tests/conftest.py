"""A real MLflow server for the tests, and a way to run the scripts as a person would."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import process_settings  # noqa: F401 - must come before mlflow
import mlflow
import pytest

from registry import run_command

START_TIMEOUT_SECONDS = 90
EXISTING_SERVER = "UNDERSTUDY_TEST_MLFLOW_URI"


@dataclass(frozen=True)
class Outcome:
    """What a script left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def tracking_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server: the one that UNDERSTUDY_TEST_MLFLOW_URI names, or one of our own."""
    if existing := os.environ.get(EXISTING_SERVER):
        yield existing
        return
    folder = tmp_path_factory.mktemp("mlflow")
    address = f"http://127.0.0.1:{free_port()}"
    with open(folder / "server.log", "wb") as log:
        server = start_server(folder, address, log)
        try:
            wait_until_healthy(server, address, folder / "server.log")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


@pytest.fixture
def client(tracking_uri: str, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    """A client of that server, which the scripts run by this test use too."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri)
    return mlflow.MlflowClient()


@pytest.fixture
def model_name() -> str:
    """A name that no other test uses, so that a server can be shared."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a script's main function as its command line would: run(module, "--option", "value")."""

    def run_main(module: ModuleType, *arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", [f"{module.__name__}.py", *arguments])
        capsys.readouterr()
        code, message = 0, ""
        try:
            run_command(module.main)
        except SystemExit as end:
            code, message = (end.code, "") if isinstance(end.code, int) else (1, str(end.code))
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err + message)

    return run_main


def start_server(folder: Path, address: str, log: BinaryIO) -> subprocess.Popen:
    """Starts `mlflow server` as the leader of its own process group, workers included."""
    environment = {
        **os.environ,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        # MLflow starts uvicorn by name; a virtual environment need not be activated for these tests.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    return subprocess.Popen(
        [*command, "--workers", "1", *stores],
        env=environment,
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_until_healthy(server: subprocess.Popen, address: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"The MLflow server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
