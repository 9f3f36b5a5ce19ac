"""A cell that prints a lot, flushing each line."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .system import System, code
from .work import STALL, Row, Work

_LINES = 2_000


async def many_prints(system: System, _round: int) -> Mapping[str, float]:
    """Two thousand flushed prints, with a second browser that watches."""
    path = system.write_notebook([code(f"for i in range({_LINES}):\n    print(i, flush=True)\nprint('the end')")])
    async with system.tab(path) as tab, system.tab(path) as watching:
        (cell,) = tab.cell_ids()
        watching.room.wire.traffic.reset()

        def arrived() -> bool:
            outputs = watching.room.cells()[0]["outputs"]
            return any("the end" in str(output) for output in outputs) and watching.states()[0][0] == "idle"

        async with system.watch() as watch:
            started = time.monotonic()
            await tab.run_cells([cell])
            await watching.wait_until(arrived, timeout_s=120)
            seconds = time.monotonic() - started
        updates = watching.room.wire.traffic.received_messages
        received = watching.room.wire.traffic.received_bytes
        await tab.shut_down_kernel()
    return {
        "server CPU": watch.cpu_ms,
        "until the watching browser has all": 1000 * seconds,
        "document updates": updates,
        "bytes to the watching browser": received,
        STALL.measure: watch.worst_stall_ms,
    }


WORKS = (
    Work(
        f"{_LINES:,} flushed prints",
        many_prints,
        (
            Row("server CPU", "ms", at_most_ratio=0.5),
            Row("until the watching browser has all", "ms", at_most_ratio=1.1),
            Row("document updates", "", at_most_ratio=0.1),
            Row("bytes to the watching browser", "B"),
            STALL,
        ),
    ),
)
