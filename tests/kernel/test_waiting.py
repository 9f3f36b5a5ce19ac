"""Kernels that publish faster than their outputs can be stored."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.kernel.messages import Message
from jupyter_crdt_outputs.kernel.waiting import Waiting
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, notebook

LOG = logging.getLogger("test")
LIMIT = 100_000

PICTURES = """
from IPython.display import display
import base64, os
for number in range(60):
    picture = base64.b64encode(number.to_bytes(4, "big") + os.urandom(300_000)).decode()
    display({"image/png": picture, "text/plain": str(number)}, raw=True)
"""


def message(size: int, fill: int = 120) -> Message:
    return Message("display_data", "id", "session", "parent", b"{}", memoryview(bytes([fill]) * size))


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server that lets a megabyte wait in memory."""
    with LabServer(
        tmp_path_factory.mktemp("narrow"), config={"CrdtOutputsApp": {"queue_max_bytes": 1 << 20}}
    ) as server:
        yield server


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40_000), st.integers(0, 255)), max_size=60))
def test_every_message_comes_back_as_it_was_and_memory_is_bounded(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, int]]
) -> None:
    waiting = Waiting(LIMIT, tmp_path_factory.getbasetemp(), LOG)
    queue: list[tuple[bytes, Message]] = []
    for comes, size, fill in steps:
        if comes:
            given_ = message(size, fill)
            queue.append((bytes(given_.frame), waiting.add(given_)))
        elif queue:
            content, oldest = queue.pop(0)
            assert bytes(oldest.frame) == content
            assert oldest.is_large == (len(content) > 65_536)
            waiting.remove(oldest)
        assert waiting.bytes_in_memory <= LIMIT + 60 * 1024, "but for what is too small to be worth a file"
        assert waiting.bytes_in_memory + waiting.bytes_in_file == sum(len(content) for content, _ in queue)
    for content, oldest in queue:
        assert bytes(oldest.frame) == content
        waiting.remove(oldest)
    assert (waiting.bytes_in_memory, waiting.bytes_in_file) == (0, 0)


def test_what_waits_in_a_file_leaves_nothing_behind(tmp_path: Path) -> None:
    waiting = Waiting(LIMIT, tmp_path / "folder", LOG)
    added = [waiting.add(message(60_000)) for _ in range(5)]
    assert waiting.bytes_in_file == 4 * 60_000
    assert list((tmp_path / "folder").iterdir()) == [], "the file has no name, so a crash leaves none"
    for each in added:
        waiting.remove(each)
    assert waiting.bytes_in_file == 0


def test_what_finds_no_room_on_the_disk_either_is_kept_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "folder").write_bytes(b"a file, so that no folder can be made")
    waiting = Waiting(LIMIT, tmp_path / "folder", LOG)
    added = [waiting.add(message(60_000, number)) for number in range(5)]
    assert [bytes(each.frame)[0] for each in added] == [0, 1, 2, 3, 4]
    assert waiting.bytes_in_memory == 300_000
    assert "queue_max_bytes" in caplog.text


async def test_a_flood_of_pictures_comes_whole_and_in_order_through_a_megabyte_of_memory(narrow: LabServer) -> None:
    async with notebook(narrow, PICTURES) as tab:
        await tab.run_cells(tab.cell_ids())
        await becomes(tab, lambda: len(tab.outputs(0)) == 60)
        assert [output["data"]["text/plain"] for output in tab.outputs(0)] == [str(number) for number in range(60)]
        metrics = narrow.request("metrics").decode()
    assert re.search(r'crdt_outputs_waiting_bytes{where="memory"} 0.0', metrics)
    assert re.search(r'crdt_outputs_waiting_bytes{where="file"} 0.0', metrics)
    assert "crdt_outputs_lost_messages_total 0.0" in metrics
    assert "what comes now waits on the disk" in narrow.log_path.read_text()
