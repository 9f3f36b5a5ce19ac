"""How long a user waits for ``1+1``."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping

from jupyter_crdt_outputs.testing.lab_client import LabClient

from .bare import bare_client
from .system import System, code
from .work import STALL, Row, Work

_TIMES = 200
_PAUSE_S = 0.02


async def one_plus_one(system: System, _round: int) -> Mapping[str, float]:
    """Run it again and again, with a second browser that watches, and with no server between at all."""
    path = system.write_notebook([code("1+1")])
    replies: list[float] = []
    seen: list[float] = []
    async with system.tab(path) as tab, system.tab(path) as watching:
        arrivals = Arrivals(watching)
        (cell,) = tab.cell_ids()
        await tab.run_cells([cell])
        async with system.watch() as watch:
            for _ in range(_TIMES):
                execution = tab.start(cell)
                reply = await execution.done
                replies.append(reply.received_at - execution.sent_at)
                count = reply.content["execution_count"]
                seen.append(await arrivals.of(count) - execution.sent_at)
                tab.set_count(tab.cell(cell), count)
                await asyncio.sleep(_PAUSE_S)
        bare = []
        async with bare_client(system, tab.kernel.kernel_id) as run:
            for _ in range(_TIMES):
                bare.append(await run("1+1"))
                await asyncio.sleep(_PAUSE_S)
        await tab.shut_down_kernel()
    return {
        "until a passive browser sees it": 1000 * statistics.median(seen),
        "until the reply": 1000 * statistics.median(replies),
        "bare jupyter_client, until the reply": 1000 * statistics.median(bare),
        STALL.measure: watch.worst_stall_ms,
    }


class Arrivals:
    """When the result of each execution count came to a tab that watches."""

    def __init__(self, tab: LabClient) -> None:
        self._tab = tab
        self._at: dict[int, float] = {}
        tab.room.changed.append(self._note)

    async def of(self, count: int) -> float:
        await self._tab.wait_until(lambda: count in self._at)
        return self._at[count]

    def _note(self) -> None:
        now = time.monotonic()
        for output in self._tab.room.cells()[0]["outputs"]:
            if output.get("output_type") == "execute_result":
                self._at.setdefault(int(output["execution_count"]), now)


WORKS = (
    Work(
        f"1+1, {_TIMES} times",
        one_plus_one,
        (
            Row(
                "until a passive browser sees it",
                "ms",
                at_most_ratio=0.2,
                at_most_of=("bare jupyter_client, until the reply", 2),
            ),
            Row("until the reply", "ms", at_most_ratio=0.2),
            Row("bare jupyter_client, until the reply", "ms"),
            STALL,
        ),
    ),
)
