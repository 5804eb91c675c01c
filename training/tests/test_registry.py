"""What the scripts print about the registry."""

import argparse
import json
import shlex

import pytest

from registry import alias_name, load_command, one_line, without_password


@pytest.mark.parametrize("uri", ["models:/iris/3", "models:/it's a model/3", 'models:/"quoted" née $HOME/1'])
def test_the_load_command_survives_the_shell(uri: str) -> None:
    words = shlex.split(load_command(uri))
    assert words[:4] == ["curl", "-X", "POST", "http://localhost:8000/update-model"]
    assert json.loads(words[-1]) == {"model_uri": uri}


@pytest.mark.parametrize("alias", ["candidate", "blue_2", "très-bien"])
def test_aliases_that_mlflow_takes(alias: str) -> None:
    assert alias_name(alias) == alias


@pytest.mark.parametrize("alias", ["", "latest", "Latest", "v1", "V20", "a b", "a/b", "x" * 256])
def test_aliases_that_mlflow_would_refuse(alias: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        alias_name(alias)


def test_errors_become_one_short_line() -> None:
    assert one_line(ValueError("first.\nsecond")) == "first"
    assert one_line(KeyError()) == "KeyError"
    assert one_line(ValueError("x" * 1000)) == "x" * 300 + "..."


def test_passwords_are_not_printed() -> None:
    assert without_password("http://ann:secret@host:5000/p") == "http://ann:***@host:5000/p"
    assert without_password("http://host:5000") == "http://host:5000"
