"""One server for all tests of this folder; each notebook has its own kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_crdt_outputs.client import Client
from jupyter_crdt_outputs.testing.server import LabServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server with this extension."""
    with LabServer(tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.fixture
def client(server: LabServer) -> Iterator[Client]:
    """Its client."""
    with Client(server.url, server.token) as client:
        yield client
