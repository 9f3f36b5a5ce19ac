"""Several notebooks that print and show at full speed, and somebody who works in another one."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Mapping
from functools import partial

from jupyter_crdt_outputs.model.reference import LogReference, reference_in
from jupyter_crdt_outputs.testing.lab_client import LabClient

from .long_outputs import displays
from .system import System, code
from .work import STALL, Row, Work

_PRINTS = "for i in range(100_000): print(i, 'x' * 80)\nprint('the end')"
_PICTURES = (
    "import base64, os\nfrom IPython.display import display\n"
    "for i in range(100): display({'image/png': base64.b64encode(os.urandom(200_000)).decode()}, raw=True)"
)
_PAUSE_S = 0.25
_TIMEOUT_S = 600.0


async def flooded(system: System, round_: int) -> Mapping[str, float]:
    """Run ``1+1`` again and again while three other kernels flood the server."""
    floods = {_PRINTS: 1, displays(1000, 800, round_): 1000, _PICTURES: 100}
    waited: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        tabs = []
        for source in floods:
            tabs.append(await stack.enter_async_context(system.tab(system.write_notebook([code(source)]))))
        quiet = await stack.enter_async_context(system.tab(system.write_notebook([code("1+1")])))
        (cell,) = quiet.cell_ids()
        await quiet.run_cells([cell])
        async with system.watch() as watch:
            started = time.monotonic()
            running = asyncio.gather(*(tab.run_cells(tab.cell_ids()) for tab in tabs))
            while not running.done():
                before = time.monotonic()
                await quiet.run_cells([cell])
                waited.append(time.monotonic() - before)
                await asyncio.sleep(_PAUSE_S)
            await running
            done_s = time.monotonic() - started
            for tab in tabs:
                await tab.wait_until(partial(_is_over, tab), timeout_s=_TIMEOUT_S)
            whole_s = time.monotonic() - started
        dropped = sum(count - _shown(tab) for tab, count in zip(tabs, floods.values(), strict=True))
        for tab in [*tabs, quiet]:
            await tab.shut_down_kernel()
    return {
        "1+1 in another notebook": 1000 * statistics.median(waited),
        "the slowest of these": 1000 * max(waited),
        "until the kernels are done": 1000 * done_s,
        "until the browsers have all": 1000 * whole_s,
        "outputs that kernels dropped": dropped,
        "server memory growth": watch.memory_growth_bytes,
        "server CPU": watch.cpu_ms,
        STALL.measure: watch.worst_stall_ms,
    }


def _is_over(tab: LabClient) -> bool:
    return (tab.states()[0][0] or "idle") == "idle" and not any(
        isinstance(reference_in(output), LogReference) for output in tab.outputs(0)[-2:]
    )


def _shown(tab: LabClient) -> int:
    """How many outputs came; what a cell says of those that did not is none."""
    return sum(1 for output in tab.outputs(0) if output.get("name") != "stderr")


WORKS = (
    Work(
        "three notebooks at full speed",
        flooded,
        (
            Row("1+1 in another notebook", "ms", at_most_ratio=1),
            Row("the slowest of these", "ms", at_most_ratio=1),
            Row("until the kernels are done", "ms"),
            Row("until the browsers have all", "ms"),
            Row("outputs that kernels dropped", "", at_most=0),
            Row("server memory growth", "B", at_most_ratio=1),
            Row("server CPU", "ms"),
            STALL,
        ),
        fresh_server=True,
    ),
)
