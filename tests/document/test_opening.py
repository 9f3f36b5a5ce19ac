"""A large notebook opens with its code, and what people do before its outputs are there is kept."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from pycrdt import Array, Doc, Map

from jupyter_crdt_outputs.files.known import KNOWN, KnownNotebooks
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.testing.lab_client.notebook import SharedNotebook
from jupyter_crdt_outputs.testing.lab_client.room import Room
from jupyter_crdt_outputs.testing.server import LabServer

from .. import small_disks
from ..kernel.notices import notices

USER = {"username": "a", "name": "A", "display_name": "A", "initials": "A"}
LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
EXTENSION = "tests.document.slow_reading"
CELLS = 6


def picture(number: int, seed: str = "") -> dict[str, Any]:
    data = base64.b64encode(random.Random(f"{seed}{number}").randbytes(300_000)).decode()
    return {"output_type": "display_data", "data": {"image/png": data, "text/plain": str(number)}, "metadata": {}}


def foreign(seed: str = "", *, minor: int = 5, count: int = CELLS) -> Any:
    """A notebook with a picture in each cell; one of another seed is no known one."""
    cells = []
    for number in range(count):
        cell = nbformat.v4.new_code_cell(f"# {number}", outputs=[picture(number, seed)], id=f"cell-{number}")
        cell["execution_count"] = number + 1
        cells.append(cell)
        if minor < 5:
            del cell["id"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    return nbformat.from_dict({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": minor})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with slow_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def slow_server(home: Path, **ydoc: Any) -> LabServer:
    config = {"YDocExtension": {"document_cleanup_delay": 0.2, **ydoc}}
    return LabServer(home, config=config, extensions=[EXTENSION], python_path=[Path(__file__).parents[2]])


@pytest.fixture
def hold(server: LabServer) -> Iterator[Callable[[int], None]]:
    """Holds up the reading of outputs after so many batches."""
    file = server.root_dir / "hold"
    yield lambda batches: hold_at(server, batches)
    file.unlink(missing_ok=True)


def hold_at(server: LabServer, batches: int) -> None:
    aside = server.root_dir / "hold-aside"
    aside.write_text(str(batches))
    aside.replace(server.root_dir / "hold")


def let_go(server: LabServer) -> None:
    (server.root_dir / "hold").unlink()


def put(server: LabServer, name: str, notebook: Any) -> Path:
    """A notebook that no test has had before, not even this one at its last try: a server remembers what it opened."""
    path = server.root_dir / f"{name}-{token_hex(4)}.ipynb"
    nbformat.write(notebook, path)
    return path


class Page(SharedNotebook):
    """A page with a notebook, that our lab extension has announced, without a kernel."""

    def file_cells(self) -> list[dict[str, Any]]:
        return self.notebook()["cells"]  # type: ignore[no-any-return]

    def kinds(self) -> list[int]:
        """How many outputs each code cell has."""
        return [len(cell["outputs"]) for cell in self.room.cells()]

    async def becomes(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110 - files have no event
                await asyncio.sleep(0.05)

    async def are_all_there(self, without: tuple[int, ...] = ()) -> None:
        await self.becomes(lambda: all(n or i in without for i, n in enumerate(self.kinds())))


@contextlib.asynccontextmanager
async def page(server: LabServer, name: str) -> AsyncIterator[Page]:
    room = Room(server, name)
    await room.open(USER)
    room.awareness.set_local_state({"autosave": True, "user": USER, "crdtOutputs": {"kernelClient": name}})
    try:
        yield Page(room)
    finally:
        await room.close()


@contextlib.contextmanager
def unheard(page: Page) -> Iterator[None]:
    """Inside, what the server says to this page is on its way."""
    wire, on_its_way = page.room.wire, list[bytes]()
    hear = wire._on_message
    wire._on_message = on_its_way.append
    try:
        yield
    finally:
        wire._on_message = hear
        for message in on_its_way:
            hear(message)


def sign(server: LabServer, path: Path) -> None:
    with NotebookNotary(data_dir=str(server.data_dir)) as notary:
        notary.sign(nbformat.read(path, 4))


def are_trusted(tab: Page) -> bool:
    return all(cell["metadata"].get("trusted") for cell in tab.room.cells())


def saved_sources(path: Path) -> list[str]:
    return [cell["source"] for cell in nbformat.read(path, 4)["cells"]]


def saved_outputs(path: Path) -> list[Any]:
    return [cell["outputs"] for cell in nbformat.read(path, 4)["cells"] if cell["cell_type"] == "code"]


async def test_code_comes_before_outputs_and_a_file_that_nobody_edited_stays_as_it_is(
    server: LabServer, hold: Callable[[int], None]
) -> None:
    path = put(server, "first", foreign(token_hex()))
    before = path.read_bytes(), path.stat().st_ino
    hold(0)
    async with page(server, path.name) as tab:
        assert tab.kinds() == [0] * CELLS
        assert [str(cell["source"]) for cell in tab.room.cells()] == [f"# {n}" for n in range(CELLS)]
        hold(1)
        await tab.becomes(lambda: any(tab.kinds()))
        assert not all(tab.kinds())
        let_go(server)
        await tab.are_all_there()
        await asyncio.sleep(2)
        assert (path.read_bytes(), path.stat().st_ino) == before


async def test_what_is_done_to_cells_meanwhile_stands(server: LabServer, hold: Callable[[int], None]) -> None:
    seed = token_hex()  # what is known already is not read
    path = put(server, "done", foreign(seed))
    hold(0)
    async with page(server, path.name) as tab:
        ids = tab.cell_ids()
        tab.set_source(ids[0], "# edited")
        run, silent = tab.cell(ids[1]), tab.cell(ids[2])
        for cell in (run, silent):
            tab.set_state(cell, "running")
        with tab.room.edit():
            run["outputs"].append(Map({"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {}}))
        for cell in (run, silent):
            tab.set_state(cell, "idle")
        tab.move_cell(ids[3], 0)
        tab.delete_cell(ids[4])
        tab.delete_cell(ids[5])
        await tab.room.tell("isDone", True)  # comes after the rest, on the same socket
        let_go(server)
        await tab.becomes(lambda: tab.kinds() == [1, 1, 1, 0])
        with tab.room.edit():  # undone
            tab.room.ycells.append(cell_like(foreign(seed)["cells"][5]))
        await tab.becomes(lambda: tab.kinds() == [1, 1, 1, 0, 1])
        await tab.becomes(lambda: saved_sources(path) == ["# 3", "# edited", "# 1", "# 2", "# 5"])
        new = [{"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {}}]
        expected = [[picture(3, seed)], [picture(0, seed)], new, [], [picture(5, seed)]]
        await tab.becomes(lambda: saved_outputs(path) == expected)


@pytest.mark.parametrize("is_known", [False, True])
async def test_what_a_page_moves_before_it_has_heard_of_outputs_and_trust_keeps_them(
    server: LabServer, hold: Callable[[int], None], is_known: bool
) -> None:
    seed = token_hex()
    path = put(server, "moved", foreign(seed))
    if is_known:
        seed = await changed_while_closed(server, path)
    sign(server, path)
    hold(0)
    hold_trust = server.root_dir / "hold-trust"
    hold_trust.touch()
    try:
        async with page(server, path.name) as tab, page(server, path.name) as behind:
            ids = tab.cell_ids()
            behind.move_cell(ids[4], 0)
            await tab.becomes(lambda: tab.cell_ids()[0] == ids[4])
            with unheard(behind):
                hold_trust.unlink()
                await tab.becomes(lambda: are_trusted(tab))
                behind.move_cell(ids[3], 0)
                await tab.becomes(lambda: tab.cell_ids()[0] == ids[3] and are_trusted(tab))
                let_go(server)
                await tab.are_all_there()
                behind.move_cell(ids[2], 0)
                await tab.becomes(lambda: tab.cell_ids()[0] == ids[2])
            await tab.are_all_there()
            assert are_trusted(tab)
            sources = [str(cell["source"]) for cell in tab.room.cells()]
            await tab.becomes(lambda: saved_sources(path) == sources)
            numbers = [ids.index(cell_id) for cell_id in tab.cell_ids()]
            assert numbers[:3] == [2, 3, 4]
            assert saved_outputs(path) == [[picture(n, seed)] for n in numbers]
    finally:
        hold_trust.unlink(missing_ok=True)


async def test_a_cell_that_was_made_another_kind_of_cell_and_a_code_cell_again_has_no_outputs_as_in_stock(
    server: LabServer,
) -> None:
    notebook = foreign(token_hex())
    path = put(server, "kinds", notebook)
    made, moved = notebook["cells"][:2]
    async with page(server, path.name) as tab:
        await tab.are_all_there()
        for kind in ("markdown", "code"):
            with tab.room.edit():
                del tab.room.ycells[:2]
                tab.room.ycells.insert(0, cell_like({**made, "cell_type": kind}))
                tab.room.ycells.insert(1, cell_like(moved))
            await tab.becomes(lambda: len(tab.room.cells()[1]["outputs"]) == 1)
        await tab.becomes(lambda: [len(outputs) for outputs in saved_outputs(path)[:3]] == [0, 1, 1])


def cell_like(cell: Any) -> Map[Any]:
    from pycrdt import Text

    return Map({**cell, "source": Text(cell["source"]), "metadata": Map({}), "outputs": Array([])})


async def test_nothing_is_saved_before_all_outputs_are_there(server: LabServer, hold: Callable[[int], None]) -> None:
    seed = token_hex()  # what is known already is not read
    path = put(server, "held", foreign(seed))
    before = path.read_bytes()
    hold(1)
    async with page(server, path.name) as tab:
        tab.set_source(tab.cell_ids()[0], "# edited")
        asked = asyncio.create_task(tab.room.save(1))
        await asyncio.sleep(2)
        assert path.read_bytes() == before
        let_go(server)
        await asked
        await tab.becomes(lambda: saved_sources(path)[0] == "# edited")
        assert saved_outputs(path) == [[picture(n, seed)] for n in range(CELLS)]


async def test_a_file_that_is_written_while_it_is_read_is_read_again(
    server: LabServer, hold: Callable[[int], None]
) -> None:
    path = put(server, "changed", foreign(token_hex()))
    hold(1)
    async with page(server, path.name) as tab:
        other = foreign("other", count=5)
        other["cells"][0]["source"] = "# of somebody else"
        with path.open("r+") as file:  # in place
            nbformat.write(other, file)
            file.truncate()
        let_go(server)
        await tab.becomes(lambda: len(tab.kinds()) == 5 and all(tab.kinds()))
        assert str(tab.room.cells()[0]["source"]) == "# of somebody else"
        assert nbformat.read(path, 4) == other


async def test_of_a_file_that_is_damaged_the_code_is_shown_and_the_file_is_not_written(server: LabServer) -> None:
    path = put(server, "damaged", foreign(token_hex()))
    path.write_bytes(path.read_bytes().replace(b'"text/plain": [\n       "3"', b'"text/plain": [\n       "3'))
    before = path.read_bytes()
    async with notices(server) as told, page(server, path.name) as tab:
        assert len(tab.cell_ids()) == CELLS
        assert await told.first() == "not-saved"
        tab.set_source(tab.cell_ids()[0], "# edited")
        await tab.room.save(1)
        await asyncio.sleep(1.5)
        assert path.read_bytes() == before


async def test_progress_is_told_from_the_first_time_that_the_outputs_are_read(server: LabServer) -> None:
    path = put(server, "progress", foreign(token_hex()))
    hold = server.root_dir / "hold-trust"
    hold.touch()
    try:
        async with notices(server) as told, page(server, path.name) as tab:

            def progress() -> list[float]:
                mine = [event for event in told.events if event.get("path") == path.name]
                return [each["read_bytes"] / each["total_bytes"] for each in mine if "read_bytes" in each]

            await tab.becomes(lambda: any(0 < each < 0.5 for each in progress()))
            assert tab.kinds() == [0] * CELLS
            hold.unlink()
            await tab.are_all_there()
            await tab.becomes(lambda: progress()[-1] == 1)
            assert progress() == sorted(progress())
    finally:
        hold.unlink(missing_ok=True)


@pytest.mark.parametrize("trusted", [True, False] if LONG else [True])
async def test_of_a_file_that_was_changed_while_it_was_closed_the_code_comes_before_the_outputs_too(
    server: LabServer, hold: Callable[[int], None], trusted: bool
) -> None:
    path = put(server, "closed", foreign(token_hex()))
    seed = await changed_while_closed(server, path)
    before = path.read_bytes(), path.stat().st_ino
    if trusted:
        sign(server, path)
    hold(0)
    async with page(server, path.name) as tab:
        assert str(tab.room.cells()[0]["source"]) == "# of somebody else"
        assert tab.kinds() == [0] * (CELLS - 1)
        tab.set_source(tab.cell_ids()[1], "# edited")
        tab.move_cell(tab.cell_ids()[2], 0)
        let_go(server)
        await tab.are_all_there()
        assert [cell["metadata"]["trusted"] for cell in tab.room.cells()] == [trusted] * (CELLS - 1)
        assert (path.read_bytes(), path.stat().st_ino) == before
        sources = ["# 2", "# of somebody else", "# edited", *(f"# {n}" for n in range(3, CELLS - 1))]
        await tab.becomes(lambda: saved_sources(path) == sources)
        assert saved_outputs(path) == [[picture(n, seed)] for n in (2, 0, 1, *range(3, CELLS - 1))]


async def is_closed(server: LabServer, path: Path) -> None:
    """Wait until the server has let go of a notebook's room."""
    query = f"api/crdt-outputs/cells?path={path.name}"
    async with asyncio.timeout(30):
        while json.loads(await asyncio.to_thread(server.request, query))["room"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def is_remembered(server: LabServer, path: Path) -> None:
    """Wait until the server has let go of a notebook's room, and knows its file without reading it."""
    await is_closed(server, path)
    known = KnownNotebooks(server.data_dir / KNOWN, Policy().fingerprint)
    async with asyncio.timeout(30):
        while known.find(path, "sha256") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def changed_while_closed(server: LabServer, path: Path) -> str:
    """Open a notebook, close it, and write another one into its file; what its pictures are."""
    async with page(server, path.name) as tab:
        await tab.are_all_there()
    await is_closed(server, path)
    seed = token_hex()
    other = foreign(seed, count=CELLS - 1)
    other["cells"][0]["source"] = "# of somebody else"
    nbformat.write(other, path)
    return seed


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_notebook_that_stock_would_trust_is_trusted_and_no_other(server: LabServer, trusted: bool) -> None:
    path = put(server, "trust", foreign(token_hex()))
    if trusted:
        sign(server, path)
    async with page(server, path.name) as tab:
        await tab.are_all_there()
        assert [cell["metadata"]["trusted"] for cell in tab.room.cells()] == [trusted] * CELLS


@pytest.mark.parametrize("has_history", [False, True] if LONG else [False])
async def test_a_server_that_dies_while_it_reads_completes_the_document_when_it_is_opened_again(
    tmp_path: Path, has_history: bool
) -> None:
    server = slow_server(tmp_path)
    with server:
        seed = token_hex()  # what is known already is not read
        path = put(server, "dies", foreign(seed, minor=5 if has_history else 4))
        sources = [f"# {n}" for n in range(CELLS)]
        if has_history:
            seed = await changed_while_closed(server, path)
            del sources[-1]
        hold_at(server, 1)
        async with page(server, path.name) as tab:
            await tab.becomes(lambda: any(tab.kinds()))
            ids = tab.cell_ids()
            tab.set_source(ids[0], "# edited")
            tab.delete_cell(ids[1])
            tab.set_state(tab.cell(ids[-1]), "running")
            await asyncio.sleep(1)
            server.kill()
        let_go(server)
        server.start()
        async with page(server, path.name) as tab:
            await tab.are_all_there()
            await tab.becomes(lambda: saved_sources(path) == ["# edited", *sources[2:]])
            outputs = saved_outputs(path)
            assert outputs[:-1] == [[picture(n, seed)] for n in (0, *range(2, len(sources) - 1))]
            assert "The server stopped" in outputs[-1][0]["text"]


async def test_a_document_is_the_same_however_it_was_read_so_that_nothing_doubles_for_who_was_away(
    server: LabServer, tmp_path: Path
) -> None:
    """Its cells before its outputs, from memory, at once, and progressively as upstream understands it."""
    first = put(server, "same", foreign("same", minor=4))
    second, third = (first.with_name(f"{number}-{first.name}") for number in (2, 3))
    shutil.copy(first, second)
    third.write_text(json.dumps(json.loads(first.read_text()), sort_keys=True))
    updates = [await document_of(server, path.name) for path in (first, second, third)]
    with slow_server(tmp_path, document_load_progressively=True) as other:
        shutil.copy(first, other.root_dir / first.name)
        updates.append(await document_of(other, first.name))
    for update in updates[1:]:
        doc: Doc[Any] = Doc()
        doc.apply_update(updates[0])
        doc.apply_update(update)
        cells = doc.get("cells", type=Array).to_py()
        assert cells is not None
        assert [len(cell["outputs"]) for cell in cells] == [1] * CELLS
        assert [cell["source"] for cell in cells] == [f"# {n}" for n in range(CELLS)]


async def document_of(server: LabServer, name: str) -> bytes:
    async with page(server, name) as tab:
        await tab.are_all_there()
        return tab.room.doc.get_update()


async def test_while_the_store_is_full_nothing_is_saved_and_afterwards_all_is_there(tmp_path: Path) -> None:
    server = slow_server(tmp_path)
    store = server.data_dir / "crdt-outputs"
    with small_disks.small_disk(store, "1m"), server:
        path = put(server, "full", foreign("full"))
        before = path.read_bytes()
        async with notices(server) as told, page(server, path.name) as tab:
            assert await told.first() == "not-saved"
            tab.set_source(tab.cell_ids()[0], "# edited")
            await tab.room.save(1)
            assert path.read_bytes() == before
            subprocess.run(["mount", "-o", "remount,size=64m", str(store)], check=True)
            await tab.are_all_there()
            await tab.becomes(lambda: saved_sources(path)[0] == "# edited")
            assert saved_outputs(path) == [[picture(n, "full")] for n in range(CELLS)]


async def test_an_unchanged_notebook_opens_from_memory_and_what_the_store_lost_comes_back(server: LabServer) -> None:
    path = put(server, "known", foreign("known"))
    async with page(server, path.name) as tab:
        await tab.are_all_there()
        first = tab.file_cells()
    await is_remembered(server, path)
    reference = reference_in(first[0]["outputs"][0])
    assert reference is not None
    artifact = server.data_dir / "crdt-outputs" / key_of(reference.digests[0])  # of no other test's notebook
    artifact.unlink()
    hold_at(server, 0)
    try:
        async with page(server, path.name) as tab:
            assert tab.kinds() == [1] * CELLS  # nothing was read
            assert tab.file_cells() == first
            let_go(server)
            await tab.becomes(artifact.exists)
    finally:
        (server.root_dir / "hold").unlink(missing_ok=True)


async def test_a_notebook_that_was_saved_untrusted_opens_from_memory_and_is_trusted_late(server: LabServer) -> None:
    path = put(server, "untrusted", foreign(token_hex()))
    async with page(server, path.name) as tab:
        await tab.are_all_there()
        tab.set_source(tab.cell_ids()[0], "# edited")
        await tab.room.save(1)
        await tab.becomes(lambda: saved_sources(path)[0] == "# edited")
    await is_remembered(server, path)
    sign(server, path)
    hold = server.root_dir / "hold-trust"
    hold.touch()
    try:
        async with page(server, path.name) as tab, page(server, path.name) as behind:
            assert tab.file_cells()[0]["source"] == "# edited"
            assert tab.kinds() == [1] * CELLS  # all of it is not read first
            assert not any(cell["metadata"].get("trusted") for cell in tab.room.cells())
            with unheard(behind):
                hold.unlink()
                await tab.becomes(lambda: are_trusted(tab))
                moved = behind.cell_ids()[2]
                behind.move_cell(moved, 0)
                await tab.becomes(lambda: tab.cell_ids()[0] == moved)
            await tab.becomes(lambda: are_trusted(tab))
    finally:
        hold.unlink(missing_ok=True)
