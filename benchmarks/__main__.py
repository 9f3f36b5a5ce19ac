"""Measure stock jupyter-collaboration and this extension side by side."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from . import big_notebook, flood, latency, long_outputs, opening, pictures, prints, report, saves
from .system import System
from .work import Work

WORKS = (
    *pictures.WORKS,
    *latency.WORKS,
    *prints.WORKS,
    *long_outputs.WORKS,
    *flood.WORKS,
    *big_notebook.WORKS,
    *opening.WORKS,
    *saves.WORKS,
)
NAMES = {False: "stock", True: "ours"}

Taken = dict[str, dict[str, list[float]]]


async def measure(work: Work, rounds: int, systems: dict[bool, System], scratch: Path) -> Taken:
    """Do *work* in both systems in turn, *rounds* times."""
    taken: Taken = {name: defaultdict(list) for name in NAMES.values()}
    for round_ in range(rounds):
        for with_us, name in NAMES.items():
            print(f"\r\x1b[K{work.name}: round {round_ + 1} of {rounds}, {name}", end="", file=sys.stderr, flush=True)
            if work.fresh_server:
                async with running(scratch, with_us=with_us) as fresh:
                    numbers = await work.run(fresh, round_)
            else:
                numbers = await work.run(systems[with_us], round_)
            for measure_, number in numbers.items():
                taken[name][measure_].append(number)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return taken


@contextlib.asynccontextmanager
async def running(scratch: Path, *, with_us: bool) -> AsyncIterator[System]:
    """A server of its own, in a directory of its own."""
    with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as home:
        system = System(Path(home), with_us=with_us)
        try:
            await asyncio.to_thread(system.server.start)
            yield system
        finally:
            await asyncio.to_thread(system.server.stop)


async def run(works: Sequence[Work], rounds: int, scratch: Path, results: Path) -> None:
    """Measure all *works*, print the table and write the file."""
    samples: dict[str, Taken] = {}
    measured: list[report.Line] = []
    async with running(scratch, with_us=False) as stock, running(scratch, with_us=True) as ours:
        for work in works:
            taken = samples[work.name] = await measure(work, rounds, {False: stock, True: ours}, scratch)
            measured += report.lines(work, taken["stock"], taken["ours"])
    print(report.table(measured))
    written = report.write(results, measured, samples, rounds)
    print(f"\nMedians of {rounds} rounds, worst of them for stalls. Written to {written}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("works", nargs="*", help="measure only works whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=5, help="how often each work is done in each system")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results", help="where the JSON goes")
    options = parser.parse_args()
    works = [work for work in WORKS if not options.works or any(part in work.name for part in options.works)]
    if not works:
        parser.error("no work has such a name; there are: " + "; ".join(work.name for work in WORKS))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        asyncio.run(run(works, options.rounds, Path(scratch), options.results))


if __name__ == "__main__":
    main()
