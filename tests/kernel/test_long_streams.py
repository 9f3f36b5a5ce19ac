"""Text that is longer than a document should carry, while it is printed and after."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

from jupyter_crdt_outputs.model.reference import LogReference, LongStreamReference, Reference, reference_in
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

from .tabs import becomes, is_stored, notebook, opened, readable, saved_outputs, saves, stderr, stdout

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"


def reference_of(tab: LabClient, output: int = 0) -> Reference | None:
    outputs = tab.outputs(0)
    return reference_in(outputs[output]) if len(outputs) > output else None


def is_being_written(tab: LabClient) -> bool:
    return isinstance(reference_of(tab), LogReference)


def is_long(tab: LabClient) -> bool:
    return isinstance(reference_of(tab), LongStreamReference)


async def stored(tab: LabClient) -> bytes:
    """The text of the first output, which is a long stream in the store."""
    reference = reference_of(tab)
    assert isinstance(reference, LongStreamReference)
    path = f"api/crdt-outputs/streams/{reference.index.digest}"
    return await asyncio.to_thread(tab.server.request, path, timeout_s=120)


async def lines(tab: LabClient, **query: Any) -> dict[str, Any]:
    """What the server says of the first output's lines."""
    reference = reference_of(tab)
    assert isinstance(reference, LogReference | LongStreamReference)
    name = reference.log if isinstance(reference, LogReference) else reference.index.digest
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    answer = await asyncio.to_thread(tab.server.request, f"api/crdt-outputs/streams/{name}/lines?{asked}")
    found: dict[str, Any] = json.loads(answer)
    return found


async def test_a_passive_browser_follows_a_log_while_it_is_written_and_its_document_stays_small(
    server: LabServer,
) -> None:
    source = """
import time
from pathlib import Path
print("x" * 99 + "\\n", end="")
for i in range(20_000): print(f"{i:09}", flush=i % 1000 == 0)
while not Path("go on").exists(): time.sleep(0.01)
print("the end")
"""
    async with notebook(server, source) as tab, opened(server, tab.path) as passive:
        passive.room.wire.traffic.reset()
        tab.start(tab.cell_ids()[0])
        await becomes(passive, lambda: is_being_written(passive))
        async with asyncio.timeout(30):
            while (seen := await lines(passive, tail=2))["lines"] != ["000019998", "000019999"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert seen["live"] is True
        assert (await lines(passive, **{"from": 0, "count": 2}))["lines"] == ["x" * 99, "000000000"]
        following = asyncio.create_task(lines(passive, tail=1, after=seen["revision"]))
        await asyncio.sleep(0.3)
        assert not following.done()
        (server.root_dir / "go on").touch()
        assert (await asyncio.wait_for(following, 10))["lines"][-1] == "the end"
        await becomes(passive, lambda: is_stored(passive.outputs(0)))
        assert passive.room.wire.traffic.received_bytes < 100_000
        assert passive.doc_bytes() < 5_000


async def test_every_byte_of_a_long_stream_is_stored_and_saved(server: LabServer) -> None:
    count = 5_000_000 if LONG else 300_000
    source = f"""
import hashlib
tee = hashlib.sha256()
for start in range(0, {count}, 1000):
    text = "".join(f"line {{i}} \\x1b[3{{i % 8}}mé🎉\\x1b[0m\\n" for i in range(start, start + 1000))
    tee.update(text.encode())
    print(text, end="")
tee = tee.hexdigest()
"""
    async with notebook(server, source, "tee") as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_long(tab) and bool(tab.outputs(1)))
        text = await stored(tab)
        assert repr(hashlib.sha256(text).hexdigest()) == tab.outputs(1)[0]["data"]["text/plain"]
        reference = reference_of(tab)
        assert isinstance(reference, LongStreamReference)
        assert reference.lines == count
        if len(text) <= 1 << 26:
            await saves(tab, [[stdout(text.decode())], tab.outputs(1)])


async def test_a_line_of_20_megabytes_and_50_megabytes_in_one_print_are_whole(server: LabServer) -> None:
    size = 50_000_000 if LONG else 5_000_000
    source = f"print('x' * {size})\nprint(('é' * 31 + chr(10)) * {size // 63})\nprint('the end')"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_long(tab))
        expected = "x" * size + "\n" + ("é" * 31 + "\n") * (size // 63) + "\nthe end\n"
        assert hashlib.sha256(await stored(tab)).digest() == hashlib.sha256(expected.encode()).digest()
        first = await lines(tab, **{"from": 0, "count": 1})
        assert first["clipped"] == {"0": size}


async def test_control_characters_in_a_long_stream_leave_what_stock_would_show(server: LabServer) -> None:
    source = """
for i in range(20_000):
    print(f"\\rstep {i:06}", end="" if i % 10 else "\\n", flush=i % 500 == 0)
print("abc\\b\\b\\bd")
"""
    expected = "".join(f"step {i:06}\n" for i in range(0, 20_000, 10)) + "step 019999d\n"  # upstream's own arithmetic
    async with notebook(server, "print('x' * 40_000)" + source) as tab:
        assert await tab.run_all()
        await saves(tab, [[stdout("x" * 40_000 + "\n" + expected)]])


async def test_long_streams_that_interleave_are_each_whole_and_in_order(server: LabServer) -> None:
    source = """
import sys
for name in ("stdout", "stderr", "stdout"):
    for i in range(8_000): print(name, i, file=getattr(sys, name))
    getattr(sys, name).flush()
"""

    def text(name: str) -> str:
        return "".join(f"{name} {i}\n" for i in range(8_000))

    async with notebook(server, source) as tab:
        assert await tab.run_all()
        expected = [stdout(text("stdout")), stderr(text("stderr")), stdout(text("stdout"))]
        await saves(tab, [expected])


async def test_a_waiting_clear_takes_a_long_stream_away(server: LabServer) -> None:
    source = """
from IPython.display import clear_output
for i in range(8_000): print("first", i)
clear_output(wait=True)
for i in range(8_000): print("second", i)
"""
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await saves(tab, [[stdout("".join(f"second {i}\n" for i in range(8_000)))]])


async def test_a_thread_may_go_on_printing_a_long_stream_after_its_cell_is_idle(server: LabServer) -> None:
    source = """
import threading, time
from pathlib import Path
def work():
    for part in ("one", "two"):
        while not Path(part).exists(): time.sleep(0.01)
        for i in range(2_000): print(part, i, flush=i % 500 == 0)
threading.Thread(target=work).start()
for i in range(200_000): print("main", i)
print("unfinished", end="")
"""
    expected = "".join(f"main {i}\n" for i in range(200_000)) + "unfinished"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_long(tab))
        for part in ("one", "two"):
            (server.root_dir / part).touch()
            expected += "".join(f"{part} {i}\n" for i in range(2_000))
            await becomes(tab, lambda: is_being_written(tab))
            await becomes(tab, shows_text(tab, expected))
            await becomes(tab, lambda: is_long(tab))
        await saves(tab, [[stdout(expected)]])


def shows_text(tab: LabClient, text: str) -> Callable[[], bool]:
    """The condition that the first cell shows this one stream."""

    def shows() -> bool:
        return is_long(tab) or readable(tab.server, tab.outputs(0)) == [stdout(text)]

    return shows


async def test_a_stream_beyond_the_limit_for_files_is_a_reference_there_and_whole_in_the_store(
    server: LabServer,
) -> None:
    source = "line = 'x' * 1023 + chr(10)\nfor i in range(66_000): print(line, end='')"
    async with notebook(server, source) as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_long(tab))
        await tab.save()
        (output,) = saved_outputs(server, tab.path)[0]
        assert "65,9" in output["data"]["text/plain"]
        reference = reference_in(output)
        assert isinstance(reference, LongStreamReference)
        assert reference.size == 66_000 * 1024


async def test_a_notebook_saved_while_megabytes_are_printed_has_a_valid_file_and_nobody_is_alarmed(
    server: LabServer,
) -> None:
    source = """
import time
from pathlib import Path
for i in range(60_000): print("x" * 99)
while not Path("end it").exists(): time.sleep(0.01)
"""
    async with notebook(server, source) as tab:
        tab.start(tab.cell_ids()[0])
        await becomes(tab, lambda: is_being_written(tab))
        async with asyncio.timeout(30):
            while (await lines(tab, tail=1))["total"] < 60_000:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.05)
        await tab.save()
        (output,) = saved_outputs(server, tab.path)[0]
        assert isinstance(reference_in(output), LogReference)
        (server.root_dir / "end it").touch()
        await saves(tab, [[stdout(("x" * 99 + "\n") * 60_000)]])
        assert "cannot be resolved" not in server.log_tail(1000)


async def test_text_that_looks_like_bytes_is_whole(server: LabServer) -> None:
    """All but what moves the cursor: NUL, escapes without an end, every character of Latin-1, and beyond."""
    source = r"""
import hashlib, random
chance = random.Random(3)
alphabet = [chr(code) for code in range(256) if chr(code) not in "\r\b"] + ["\u2028", "\ufeff", "\U0001f4a9"]
noise = "".join(chance.choices(alphabet, k=1_500_000)) + "\n"
print(noise, end="")
"""
    async with notebook(server, source, "hashlib.sha256(noise.encode()).hexdigest()") as tab:
        assert await tab.run_all()
        await becomes(tab, lambda: is_long(tab) and bool(tab.outputs(1)))
        assert repr(hashlib.sha256(await stored(tab)).hexdigest()) == tab.outputs(1)[0]["data"]["text/plain"]
