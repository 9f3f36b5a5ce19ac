"""Options of the whole suite."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

LabServer.is_forked = True  # dozens are started, and most of that is importing the same

HERE = Path(__file__).parent

pytest.register_assert_rewrite("tests.kernel.tabs")  # other folders use it too

if os.environ.get("CRDT_OUTPUTS_LONG"):
    os.environ.setdefault("PYTEST_TIMEOUT", "3600")  # of a test: thousands of examples on a machine with other work

QUICK = ("files", "model", "store", "streams", "viewing")
"""Folders of tests that start no server of Jupyter's. They come last, so that no worker is busy alone at the end."""

TOGETHER = "tests/differential/"
"""A folder whose files share what takes long to start: two servers, and browsers with a page of each."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for its jobs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else no program that a test starts could be interrupted

COMPARISON = "test_is_shown_and_saved_as_in_stock["


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sample",
        type=int,
        default=1,
        metavar="N",
        help="of the notebooks that are compared with stock JupyterLab, take every N-th; CRDT_OUTPUTS_LONG=1 takes all",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    every = 1 if os.environ.get("CRDT_OUTPUTS_LONG") else config.getoption("--sample")
    compared = [item for item in items if item.name.startswith(COMPARISON)]
    left_out = set(compared) - set(compared[::every])
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.path.relative_to(HERE).parts[0] in QUICK)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """As ``--dist=loadfile``, in the order of the collection, with some files together."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByServer(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return ByServer(config, log)
