"""Opening a notebook of 100 MB that was never opened before."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping

from .system import System, code
from .work import STALL, Row, Work

_CELLS = 100
_SIZE = 750_000  # 1 MB in base64


async def open_it(system: System, round_: int) -> Mapping[str, float]:
    """Open it in a first and in a second browser of a server that has done nothing else."""
    draw = random.Random(round_)
    pictures = (base64.b64encode(b"\x89PNG\r\n\x1a\n" + draw.randbytes(_SIZE)).decode() for _ in range(_CELLS))
    cells = [
        code("", [{"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}], number)
        for number, picture in enumerate(pictures)
    ]
    path = system.write_notebook(cells)
    async with system.watch() as watch:
        first = await system.join(path)
        second = await system.join(path)
    return {
        "until the first browser has the cells": 1000 * first.seconds,
        "until the second browser has them": 1000 * second.seconds,
        "server memory afterwards": system.server.process.memory_info().rss,
        "server CPU": watch.cpu_ms,
        STALL.measure: watch.worst_stall_ms,
    }


WORKS = (
    Work(
        "open a 100 MB notebook",
        open_it,
        (
            Row("until the first browser has the cells", "ms", at_most_ratio=0.4),
            Row("until the second browser has them", "ms", at_most_ratio=1 / 100),
            Row("server memory afterwards", "B", at_most_ratio=0.25),
            Row("server CPU", "ms"),
            STALL,
        ),
        fresh_server=True,
    ),
)
