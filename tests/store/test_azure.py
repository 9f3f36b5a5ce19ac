"""The suites on Azure's own emulator of its blob storage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from . import servers
from .on_a_server import ServerSuite

adlfs = pytest.importorskip("adlfs")


@pytest.fixture(scope="module")
def connection() -> Iterator[str]:
    """The string to connect with."""
    with servers.azurite() as connection:
        yield connection


@pytest.fixture
def container(connection: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new container, with credentials for it in the environment."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
    name = f"c{uuid.uuid4().hex}"
    adlfs.AzureBlobFileSystem(connection_string=connection, skip_instance_cache=True).mkdir(name)
    return name


class TestAzurite(ServerSuite):
    @pytest.fixture
    def url(self, container: str) -> str:
        return f"abfs://{container}/outputs"
