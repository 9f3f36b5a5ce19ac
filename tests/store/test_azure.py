"""The suites on Azure's own emulator of its blob storage."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.testing.store_suite import NOWHERE

from . import servers
from .on_a_server import ServerSuite, assert_said

pytest.importorskip("adlfs")


@pytest.fixture(scope="module")
def connection() -> Iterator[str]:
    """The string to connect with."""
    with servers.azurite() as connection:
        yield connection


@pytest.fixture
def container(connection: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new container, with credentials for it in the environment."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
    return servers.new_container(connection)


class TestAzurite(ServerSuite):
    @pytest.fixture
    def url(self, container: str) -> str:
        return f"abfs://{container}/outputs"


def test_a_missing_container_is_no_missing_artifact(container: str) -> None:
    store = open_store("abfs://no-such-container/outputs")
    assert_said(lambda: store.put(b"abc"), "There is no bucket or container of that name: create it")
    assert_said(lambda: store.get(NOWHERE), "There is no bucket")


def test_a_wrong_key_is_said(connection: str, container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = base64.b64encode(b"wrong").decode()
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection.replace(servers.AZURE_KEY, wrong))
    store = open_store(f"abfs://{container}/outputs")
    assert_said(lambda: store.put(b"abc"), "credentials are wrong")


def test_a_signature_in_the_environment_is_in_no_message(
    connection: str, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a part of every address that is asked for."""
    secret = "sv=2024-01-01&sig=" + servers.PASSWORD
    endpoint = connection.partition("BlobEndpoint=")[2].strip(";")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"BlobEndpoint={endpoint};SharedAccessSignature={secret}")
    assert_said(lambda: open_store(f"abfs://{container}/outputs").put(b"abc"), "credentials are wrong")
