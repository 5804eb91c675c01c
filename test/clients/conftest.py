"""The servers that the specs beside this start: their addresses come through the environment."""

import os

import pytest


@pytest.fixture(scope="session")
def iris() -> str:
    """`host:port` of a server with version 1 of the bundled Iris model in current, and version 3 in next."""
    return os.environ["UNDERSTUDY_TEST_IRIS"]


@pytest.fixture(scope="session")
def every_type() -> str:
    """`host:port` of a server whose model gives out `out_<datatype>` as `in_<datatype>` came, rows of two of each."""
    return os.environ["UNDERSTUDY_TEST_EVERY_TYPE"]


@pytest.fixture(scope="session")
def empty() -> str:
    """`host:port` of a server that is without a model."""
    return os.environ["UNDERSTUDY_TEST_EMPTY"]
