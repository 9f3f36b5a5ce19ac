"""Cells that print or show more than anybody wants in a document."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from jupyter_crdt_outputs.model.reference import LogReference, LongStreamReference, reference_in
from jupyter_crdt_outputs.testing.lab_client import LabClient

from .bare import bare_client
from .system import System, code
from .work import STALL, Numbers, Row, Work

_MEGABYTE = 1_000_000
_LINE = "0123456789" * 9 + "012345678"
_END = "print('the end')"
_TIMEOUT_S = 600.0

_DONE, _BARE = "until the kernel is done", "bare jupyter_client, until the kernel is done"
_SEEN, _DOCUMENT = "until a passive browser has all", "document"
_RECEIVED, _MEMORY = "bytes to a passive browser", "server memory growth"


async def run(
    system: System, source: str, has_all: Callable[[LabClient], bool], also: Callable[[LabClient], Awaitable[Numbers]]
) -> Numbers:
    """Run a cell with a passive browser beside, then the same without any server, in the same kernel."""
    path = system.write_notebook([code(source)])
    async with system.tab(path) as tab, system.tab(path) as watching:
        (cell,) = tab.cell_ids()
        for wire in (watching.room.wire, watching.kernel.wire):
            wire.traffic.reset()
        async with system.watch() as watch:
            started = time.monotonic()
            await tab.run_cells([cell])
            done_s = time.monotonic() - started
            await watching.wait_until(lambda: has_all(watching), timeout_s=_TIMEOUT_S)
            seen_s = time.monotonic() - started
        received = sum(wire.traffic.received_bytes for wire in (watching.room.wire, watching.kernel.wire))
        numbers = {
            _DONE: 1000 * done_s,
            _SEEN: 1000 * seen_s,
            _DOCUMENT: watching.doc_bytes(),
            _RECEIVED: received,
            _MEMORY: watch.memory_growth_bytes,
            "server CPU": watch.cpu_ms,
            STALL.measure: watch.worst_stall_ms,
            **await also(watching),
        }
        async with bare_client(system, tab.kernel.kernel_id) as bare:  # last, since the browsers hear of it too
            numbers[_BARE] = 1000 * await bare(source)
        await tab.shut_down_kernel()
    return numbers


async def nothing_else(_tab: LabClient) -> Numbers:
    """No further numbers."""
    return {}


def has_text(tab: LabClient) -> bool:
    """Whether a browser has the end of what was printed, in its document or as a reference to all of it."""
    outputs = tab.room.cells()[0]["outputs"]
    last = outputs[len(outputs) - 1].to_py() if len(outputs) else {}
    if isinstance(reference_in(last), LogReference):
        return False
    return "the end" in (last.get("text") or last.get("data", {}).get("text/plain", ""))


def has_outputs(count: int, tab: LabClient) -> bool:
    """Whether a browser has so many outputs."""
    return len(tab.room.cells()[0]["outputs"]) >= count


async def printed(source: str, system: System, _round: int) -> Mapping[str, float]:
    """A cell that prints."""
    return await run(system, f"{source}\n{_END}", has_text, nothing_else)


def displays(count: int, repeat: int, round_: int) -> str:
    """Source that shows many outputs, others in every round, so that none of them is in the store before."""
    return (
        "from IPython.display import display\n"
        f"for i in range({count}): display({{'text/plain': f'{round_} {{i}} ' * {repeat}}}, raw=True)"
    )


async def shown(count: int, repeat: int, system: System, round_: int) -> Mapping[str, float]:
    """A cell that shows many outputs, small ones or such as are a little too large for the document."""
    return await run(system, displays(count, repeat, round_), partial(has_outputs, count), nothing_else)


async def gigabyte(system: System, _round: int) -> Mapping[str, float]:
    """A gigabyte of lines, then parts of it, and a search."""
    source = f"for i in range(10_000_000): print('{_LINE}')\n{_END}"
    if not system.with_us:  # takes minutes, gigabytes and then fails
        return dict.fromkeys((row.measure for row in GIGABYTE.rows), float("nan"))
    return await run(system, source, has_text, read_parts)


async def read_parts(tab: LabClient) -> Numbers:
    """What a reader waits for in a long stream."""
    reference = reference_in(tab.outputs(0)[0])
    assert isinstance(reference, LongStreamReference)
    url = f"api/crdt-outputs/streams/{reference.index.digest}"
    slices = [await timed(tab, f"{url}/lines?from={line}&count=200") for line in range(0, 10_000_000, 1_000_003)]
    tail = await timed(tab, f"{url}/lines?tail=200")
    started = time.monotonic()
    answer = await asyncio.to_thread(tab.server.request, f"{url}/search?q=the%20end&case=1", timeout_s=_TIMEOUT_S)
    seconds = time.monotonic() - started
    assert json.loads(answer.splitlines()[-1])["count"] == 1
    return {
        "200 lines from anywhere, slowest": max(slices),
        "the last 200 lines": tail,
        "time to search 500 MB": 1000 * seconds * 500 * _MEGABYTE / reference.size,
    }


async def timed(tab: LabClient, url: str) -> float:
    """Milliseconds that a request takes."""
    started = time.monotonic()
    await asyncio.to_thread(tab.server.request, url, timeout_s=_TIMEOUT_S)
    return 1000 * (time.monotonic() - started)


def rows(done: float, document: int, received: int, memory: int | None = None) -> tuple[Row, ...]:
    """The lines of the table that all these works have in common."""
    return (
        Row(_DONE, "ms", at_most_of=(_BARE, done)),
        Row(_BARE, "ms"),
        Row(_SEEN, "ms"),
        Row(_DOCUMENT, "B", at_most=document),
        Row(_RECEIVED, "B", at_most=received),
        Row(_MEMORY, "B", at_most=memory),
        Row("server CPU", "ms"),
        STALL,
    )


GIGABYTE = Work(
    "1 GB of lines",
    gigabyte,
    (
        *rows(1.2, 64_000, _MEGABYTE, 64 * _MEGABYTE),
        Row("200 lines from anywhere, slowest", "ms", at_most=50),
        Row("the last 200 lines", "ms", at_most=50),
        Row("time to search 500 MB", "ms", at_most=1000),
    ),
    fresh_server=True,
)

_BAR = "'\\r' + '#' * (i // 200) + f' {i}/10000 [00:{i % 60:02}<00:10, 1000it/s]'"

WORKS = (
    Work(
        "200,000 prints",
        partial(printed, "for i in range(200_000): print(i)"),
        rows(1.1, 64_000, _MEGABYTE),
    ),
    Work(
        "50 MB of lines",
        partial(printed, f"for i in range(500_000): print('{_LINE}')"),
        rows(1.2, 64_000, _MEGABYTE, 64 * _MEGABYTE),
        fresh_server=True,
    ),
    Work(
        "a progress bar of 10,000 updates",
        partial(printed, f"for i in range(10_000): print({_BAR}, end='', flush=True)\nprint()"),
        rows(1.1, 64_000, 200_000),
    ),
    Work("1,000 small outputs", partial(shown, 1000, 1), rows(1.5, _MEGABYTE, _MEGABYTE)),
    Work("1,000 outputs of 8 kB", partial(shown, 1000, 800), rows(1.5, _MEGABYTE, _MEGABYTE)),
    Work("10,000 outputs of 8 kB", partial(shown, 10_000, 800), rows(1.5, 10 * _MEGABYTE, 10 * _MEGABYTE)),
    GIGABYTE,
)
