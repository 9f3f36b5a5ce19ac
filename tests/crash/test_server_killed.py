"""SIGKILL of the server while a cell prints: what anybody was shown is there afterwards, and nothing is there twice.

Acknowledged is what another browser's document holds when its connection ends, since it was sent and may have been
read; and what it was last given of a log.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator

import nbformat
import pytest

from jupyter_crdt_outputs.document.recovery import INTERRUPTED
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import LogReference, reference_in
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import Output, is_stored, opened, readable, stderr, write_notebook

ROUNDS = 50 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 3
LINES = 1000
WIDTHS = (4, 200)
"""Of a line, in characters: so short that all of it stays in the document, and so long that most of it leaves."""

PRINT = "import time\nfor i in range({lines}): print(f'{{i:0{width}}}', flush=True); time.sleep(0.002)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server that is killed and started again on the same directories, over and over."""
    with LabServer(tmp_path_factory.mktemp("killed")) as running:
        yield running


def printed(server: LabServer, outputs: list[Output]) -> list[str]:
    """The lines in outputs, whether they lie in the document or in the store."""
    archive = Archive(open_store(str(server.data_dir / "crdt-outputs")), Policy())
    problems: list[str] = []
    text = "".join(output["text"] for output in archive.restore_outputs(outputs, problems))
    assert problems == []
    return text.splitlines()


async def run_until(server: LabServer, tab: LabClient, watching: LabClient, count: int) -> list[str]:
    """Run the first cell until the watching browser shows so many lines; returns them."""
    tab.start(tab.cell_ids()[0])
    async with asyncio.timeout(60):
        while len(shown := await asyncio.to_thread(printed, server, readable(server, watching.outputs(0)))) < count:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.01)
    return shown


@pytest.mark.parametrize("attempt", range(ROUNDS))
async def test_a_killed_server_has_lost_nothing_that_was_shown(server: LabServer, attempt: int) -> None:
    width = WIDTHS[attempt % len(WIDTHS)]
    chance = random.Random(attempt)
    path = write_notebook(server, [PRINT.format(lines=LINES, width=width)])
    async with opened(server, path) as tab, opened(server, path) as watching:
        shown = await run_until(server, tab, watching, chance.randrange(1, LINES * 9 // 10))
        await asyncio.sleep(chance.random() / 20)
        server.kill()
        await asyncio.gather(tab.room.wire.closed.wait(), watching.room.wire.closed.wait())
        if not any(isinstance(reference_in(output), LogReference) for output in watching.outputs(0)):
            shown = printed(server, watching.outputs(0))
    server.restart()
    async with opened(server, path) as later:
        *outputs, mark = readable(server, later.outputs(0))
        assert mark == stderr(INTERRUPTED)
        kept = printed(server, outputs)
        assert kept[: len(shown)] == shown
        complete = [f"{index:0{width}}" for index in range(LINES)]
        assert kept == complete[: len(kept)] or kept[:-1] == complete[: len(kept) - 1]  # the last may be half a line
        assert len(later.cell_ids()) == 1
        assert [state or "idle" for state, _count in later.states()] == ["idle"]
        await later.save()
        assert printed(server, nbformat.read(server.root_dir / path, 4).cells[0].outputs[:-1]) == kept
        await later.shut_down_kernel()


async def test_after_a_crash_the_cell_can_be_run_again_and_holds_its_output_once(server: LabServer) -> None:
    path = write_notebook(server, [PRINT.format(lines=LINES, width=200)])
    async with opened(server, path) as tab, opened(server, path) as watching:
        await run_until(server, tab, watching, 300)
        server.kill()
        await asyncio.gather(tab.room.wire.closed.wait(), watching.room.wire.closed.wait())
    server.restart()
    async with opened(server, path) as later:
        assert await later.run_all()
        await later.wait_until(lambda: is_stored(later.outputs(0)), timeout_s=60)
        assert printed(server, later.outputs(0)) == [f"{index:0200}" for index in range(LINES)]
        await later.shut_down_kernel()


async def test_a_server_that_is_stopped_properly_has_saved_what_was_shown(server: LabServer) -> None:
    path = write_notebook(server, [PRINT.format(lines=LINES, width=200)])
    async with opened(server, path) as tab, opened(server, path) as watching:
        shown = await run_until(server, tab, watching, 300)
        await asyncio.to_thread(server.stop, timeout_s=8)  # upstream may hang in the end, with or without us
    saved = printed(server, nbformat.read(server.root_dir / path, 4).cells[0].outputs)
    assert saved[: len(shown)] == shown
    server.restart()
    async with opened(server, path) as later:
        assert printed(server, later.outputs(0))[: len(shown)] == shown
        assert [state or "idle" for state, _count in later.states()] == ["idle"]
