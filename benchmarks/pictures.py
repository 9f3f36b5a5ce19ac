"""Cells with pictures of 1 MB, run once or again and again."""

from __future__ import annotations

from collections.abc import Mapping

from .system import PREPARE, System, code, complete
from .work import STALL, Row, Work

_CELLS = 20
_SIZE = 1_000_000
_RUNS = 30
_DISTINCT = 3


async def twenty_pictures(system: System, round_: int) -> Mapping[str, float]:
    """Twenty cells of one picture each, then a browser that joins."""
    cells = [code(f"Image(png({_SIZE}, '{round_} {i}'))", number=i + 1) for i in range(_CELLS)]
    path = system.write_notebook([code(PREPARE), *cells])
    async with system.tab(path) as tab:
        await tab.run_cells(tab.cell_ids()[:1])
        async with system.watch() as watch:
            await tab.run_cells(tab.cell_ids()[1:])
            for index in range(1, _CELLS + 1):
                await complete(tab, index)
        await tab.save()
        join = await system.join(path)
        numbers = {
            "document": tab.doc_bytes(),
            "bytes to join": join.received_bytes,
            "time to join": 1000 * join.seconds,
            "history on disk": await system.history_bytes(join.file_id),
            "server CPU": watch.cpu_ms,
            STALL.measure: watch.worst_stall_ms,
        }
        await tab.shut_down_kernel()
    return numbers


async def run_again(system: System, round_: int) -> Mapping[str, float]:
    """One cell of 1 MB run thirty times, with a few distinct pictures among them."""
    source = f"n = globals().get('n', -1) + 1\nImage(png({_SIZE}, f'again {round_} {{n % {_DISTINCT}}}'))"
    path = system.write_notebook([code(PREPARE), code(source, number=1)])
    artifacts = system.artifacts()
    async with system.tab(path) as tab:
        first, second = tab.cell_ids()
        await tab.run_cells([first])
        async with system.watch() as watch:
            for _ in range(_RUNS):
                await tab.run_cells([second])
                await complete(tab, 1)
        await tab.save()
        join = await system.join(path)
        await tab.shut_down_kernel()
    return {
        "room state": join.received_bytes,
        "history on disk": await system.history_bytes(join.file_id),
        f"artifacts for {_DISTINCT} distinct outputs": system.artifacts() - artifacts,
        "server CPU": watch.cpu_ms,
        STALL.measure: watch.worst_stall_ms,
    }


async def passive_browser(system: System, round_: int) -> Mapping[str, float]:
    """What the kernel websocket of a browser that only watches carries for one picture."""
    path = system.write_notebook([code(PREPARE), code(f"Image(png({_SIZE}, 'passive {round_}'))", number=1)])
    async with system.tab(path) as tab, system.tab(path) as watching:
        first, second = tab.cell_ids()
        await tab.run_cells([first])
        watching.kernel.wire.traffic.reset()
        await tab.run_cells([second])
        await complete(watching, 1)
        received = watching.kernel.wire.traffic.received_bytes
        await tab.shut_down_kernel()
    return {"kernel websocket": received}


async def large_picture(system: System, round_: int) -> Mapping[str, float]:
    """One picture of 5 MB: what the event loop of the server does for it."""
    path = system.write_notebook([code(PREPARE), code(f"Image(png({5 * _SIZE}, 'large {round_}'))", number=1)])
    async with system.tab(path) as tab:
        first, second = tab.cell_ids()
        await tab.run_cells([first])
        async with system.watch() as watch:
            await tab.run_cells([second])
            await complete(tab, 1)
        await tab.shut_down_kernel()
    return {"event-loop CPU": watch.loop_cpu_ms, "server CPU": watch.cpu_ms, STALL.measure: watch.worst_stall_ms}


WORKS = (
    Work(
        "20 cells of one 1 MB PNG",
        twenty_pictures,
        (
            Row("document", "B", at_most=10_000),
            Row("bytes to join", "B", at_most=10_000),
            Row("time to join", "ms", at_most_ratio=1 / 50),
            Row("history on disk", "B", at_most=50_000),
            Row("server CPU", "ms"),
            STALL,
        ),
    ),
    Work(
        "one 1 MB output run 30 times",
        run_again,
        (
            Row("room state", "B", at_most=100_000),
            Row("history on disk", "B", at_most=100_000),
            Row(f"artifacts for {_DISTINCT} distinct outputs", "", at_most=_DISTINCT),
            Row("server CPU", "ms"),
            STALL,
        ),
    ),
    Work("1 MB output, a passive browser", passive_browser, (Row("kernel websocket", "B", at_most=4_000),)),
    Work(
        "one 5 MB PNG",
        large_picture,
        (Row("event-loop CPU", "ms", at_most=5), Row("server CPU", "ms"), STALL),
    ),
)
