"""A store that is full or not there: the cell keeps running, its output stays in the document, and users are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_crdt_outputs.testing.server import LabServer

from .. import small_disks
from .notices import notices
from .tabs import Output, becomes, is_stored, notebook, plain, readable, saves, shows, stdout

LINES = "".join(f"{index:07}\n" for index in range(30_000))
PRINT = """
for start in range(0, 30_000, 1000):
    print(*(f"{i:07}" for i in range(start, start + 1000)), sep="\\n", flush=True)
"""
DISPLAY = "from IPython.display import display\ndisplay({'text/plain': 'x' * 300_000}, raw=True)\nprint('goes on')"


@pytest.fixture
def full(tmp_path: Path) -> Iterator[LabServer]:
    """A server whose store is on a file system of 64 KiB, all of it taken. It says so once, to the first test."""
    with small_disks.small_disk(tmp_path / "small_disk", "64k") as disk:
        config = {"CrdtOutputsApp": {"store_url": str(disk / "store")}}
        with LabServer(tmp_path / "home", config=config) as running:
            with suppress(OSError):
                (disk / "filler").write_bytes(bytes(1 << 16))
            yield running


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[tuple[LabServer, Path]]:
    """A server whose store can be taken away: by putting a file where the folder was."""
    store = tmp_path / "store"
    with LabServer(tmp_path / "home", config={"CrdtOutputsApp": {"store_url": str(store)}}) as running:
        yield running, store


async def test_with_a_full_store_cells_run_on_and_their_output_is_in_the_document(full: LabServer) -> None:
    async with notices(full) as told, notebook(full, PRINT, DISPLAY, "'end'") as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: readable(full, tab.outputs(0)) == [stdout(LINES)])
        await shows(tab, 1, [plain("display_data", "x" * 300_000), stdout("goes on\n")])
        await shows(tab, 2, [plain("execute_result", "'end'", execution_count=3)])
        await saves(tab, [[stdout(LINES)], tab.outputs(1), [plain("execute_result", "'end'", execution_count=3)]])
        assert await told.first() == "store-full"
        assert told.kinds == ["store-full"]


async def test_with_a_store_that_went_away_cells_run_on_and_what_came_before_is_kept_as_it_is(
    lost: tuple[LabServer, Path],
) -> None:
    server, store = lost
    async with notices(server) as told, notebook(server, DISPLAY, DISPLAY.replace("'x'", "'y'")) as tab:
        first, second = tab.cell_ids()
        assert await tab.run_cells([first])
        await becomes(tab, lambda: is_stored(tab.outputs(0)[:1]) and len(tab.outputs(0)) == 2)
        before = tab.outputs(0)
        away = store.with_name("away")
        store.rename(away)
        store.write_text("not a folder")
        assert await tab.run_cells([second])
        inline: list[Output] = [plain("display_data", "y" * 300_000), stdout("goes on\n")]
        await shows(tab, 1, inline)
        assert tab.outputs(0) == before
        assert await told.first() == "store-unavailable"
        store.unlink()
        away.rename(store)
        await saves(tab, [[plain("display_data", "x" * 300_000), stdout("goes on\n")], inline])
