"""Servers between which notebooks are moved: two that share a store, and one with a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from ..tools.program import Program


@dataclass(frozen=True)
class Servers:
    """What is running.

    Attributes:
        one: keeps references in its files, below ``thin/``; elsewhere its files are complete.
        other: the same, in another folder, with the same store.
        stranger: its files are complete, and it has a store of its own.
        store: of the first two.
    """

    one: LabServer
    other: LabServer
    stranger: LabServer
    store: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    home = tmp_path_factory.mktemp("servers")
    store = home / "store"
    shared = {"CrdtOutputsApp": {"store_url": str(store), "file_max_bytes_for": {"thin/": 256}}}
    one, other = (LabServer(home / name, config=shared) for name in ("one", "other"))
    stranger = LabServer(home / "stranger")
    made = (one, other, stranger)
    with ExitStack() as stack, ThreadPoolExecutor(len(made)) as threads:
        for server in made:
            stack.callback(server.stop)
            (server.root_dir / "thin").mkdir(exist_ok=True)
            (server.root_dir / "whole").mkdir(exist_ok=True)
        list(threads.map(LabServer.start, made))
        yield Servers(one, other, stranger, store)


def program_of(server: LabServer) -> Program:
    """The command line as it is in a terminal of this server."""
    program = Program(server.home)
    program.environment |= {
        "JUPYTER_CONFIG_DIR": str(server.home / "config"),
        "JUPYTER_DATA_DIR": str(server.data_dir),
        "JUPYTER_RUNTIME_DIR": str(server.home / "runtime"),
    }
    return program
