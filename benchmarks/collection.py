"""Measure housekeeping in a large local store: a dry run against one of a tenth, puts and gets against an empty one."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.collection.collector import Collector
from jupyter_crdt_outputs.store.collection.digest_set import DigestSet
from jupyter_crdt_outputs.store.collection.marks import write_mark
from jupyter_crdt_outputs.store.collection.members import Member, register
from jupyter_crdt_outputs.store.collection.rules import Rules
from jupyter_crdt_outputs.store.local import LocalBlobs

from .compare import Comparison, table

_OPERATIONS = 2000
_DATA_BYTES = 20_000


def fill(root: Path, count: int) -> None:
    """A store of *count* empty files, nine tenths of them in a mark, all of them old."""
    reached = DigestSet()
    for shard in range(256):
        (root / "sha256" / f"{shard:02x}").mkdir(parents=True)
    for number in range(count):
        name = f"{number % 256:02x}{number:062x}"
        path = root / "sha256" / name[:2] / name
        os.mknod(path)
        os.utime(path, (1e9, 1e9))
        if number % 10:
            reached.add(Digest(name))
    records = LocalBlobs(root).records
    register(records, Member("one", "host", "/data", "/root", 0.0))
    write_mark(records, "one", time.time(), reached)


def look(root: Path) -> None:
    """A dry run, in a process of its own; prints seconds and the peak of memory in MB."""
    started = time.perf_counter()
    report = Collector(LocalBlobs(root), Rules()).look()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(seconds, peak, sum(tally.count for tally in report.tallies.values()))


def looked(root: Path) -> tuple[float, float]:
    """The same, from outside."""
    command = [sys.executable, "-m", "benchmarks.collection", "--look", str(root)]
    seconds, peak, _ = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def p99s(stores: list[Path]) -> tuple[list[list[float]], list[list[float]]]:
    """Milliseconds of the slowest hundredth of puts and of gets, of each store, in turn, three times."""
    opened = [open_store(str(root)) for root in stores]
    puts: list[list[float]] = [[] for _ in stores]
    gets: list[list[float]] = [[] for _ in stores]
    for _ in range(3):
        datas = [os.urandom(_DATA_BYTES) for _ in range(_OPERATIONS)]
        times: list[tuple[list[float], list[float]]] = [([], []) for _ in stores]
        for data in datas:
            digest = Digest.of(data)
            for store, (put, get) in zip(opened, times, strict=True):
                put.append(milliseconds(store.put, data))
                get.append(milliseconds(store.get, digest))
        for index, (put, get) in enumerate(times):
            puts[index].append(sorted(put)[-_OPERATIONS // 100])
            gets[index].append(sorted(get)[-_OPERATIONS // 100])
    return puts, gets


def milliseconds(work: Callable[[Any], object], argument: object) -> float:
    """That it takes."""
    started = time.perf_counter()
    work(argument)
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collection", description=__doc__)
    parser.add_argument("--artifacts", type=int, default=1_000_000)
    parser.add_argument("--look", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look is not None:
        look(options.look)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        large, small, empty = (Path(scratch) / name for name in ("large", "small", "empty"))
        fill(large, options.artifacts)
        fill(small, options.artifacts // 10)
        fill(empty, 0)
        larges, smalls = zip(*[(looked(large), looked(small)) for _ in range(3)], strict=True)
        puts, gets = p99s([large, empty])
        names = [f"{options.artifacts:,} artifacts", "a tenth"]
        rows = [
            Comparison(
                f"dry run of {names[0]}",
                [seconds for seconds, _ in larges],
                [seconds for seconds, _ in smalls],
                names[1],
                "s",
                at_most=12,
            ),
            Comparison("its memory", [peak for _, peak in larges], [512.0], "the limit", "MB", at_most=1),
            Comparison("p99 of a put of 20 kB", puts[0], puts[1], "empty store", "ms", at_most=2),
            Comparison("p99 of a get of it", gets[0], gets[1], "empty store", "ms", at_most=2),
        ]
        print(table(rows))


if __name__ == "__main__":
    main()
