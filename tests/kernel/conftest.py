"""One server of each kind for all tests of this folder; each notebook has its own kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

EXTENSIONS = Path(__file__).parent / "extensions"


def closing_after(home: Path, delay_s: int) -> LabServer:
    """A server with this extension that closes notebooks so long after nobody has them open any more."""
    config = {"YDocExtension": {"document_cleanup_delay": delay_s}}
    return LabServer(home, config=config, extensions=["open_rooms"], python_path=[EXTENSIONS])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server with this extension, as people have it."""
    with LabServer(tmp_path_factory.mktemp("with_us")) as running:
        yield running


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """The same without."""
    with LabServer(tmp_path_factory.mktemp("stock"), with_us=False) as running:
        yield running


@pytest.fixture(scope="session")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server that closes notebooks as soon as nobody has them open."""
    with closing_after(tmp_path_factory.mktemp("brief"), 0) as running:
        yield running


@pytest.fixture(scope="session")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server that keeps them for a while, as it does by default."""
    with closing_after(tmp_path_factory.mktemp("lasting"), 60) as running:
        yield running
