"""How fast ``jupyter crdt-outputs verify`` is, beside ``sha256sum`` over the same files.

``python -m benchmarks.verify`` writes a local store, once of many files and once of few large ones, and hashes it with
both, in turn, as whole processes. The files are in the system's cache for both. The target is 0.8 of sha256sum's rate.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_crdt_outputs.store import open_store

_TARGET = 0.8
_BATCH_BYTES = 1 << 26


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument("--bytes", type=int, default=2 * 10**9, help="of each store")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="where the stores are written; default: the system's place")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    options = parser.parse_args()
    results = {}
    for name, size in (("20 kB", 2 * 10**4), ("1 MB", 10**6), ("200 MB", 2 * 10**8)):
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            total = options.bytes if size >= 10**6 else options.bytes // 10
            _fill(Path(folder), size, max(2, total // size))
            results[name] = _measure(name, Path(folder), options.rounds)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))


def _fill(root: Path, size: int, count: int) -> None:
    store = open_store(str(root))
    noise = random.randbytes(size)
    batch = max(1, _BATCH_BYTES // size)
    for first in range(0, count, batch):
        numbers = range(first, min(first + batch, count))
        store.put_many([b"%020d" % number + noise[20:] for number in numbers])


def _measure(name: str, root: Path, rounds: int) -> dict[str, float]:
    files = [str(path) for path in (root / "sha256").rglob("*") if path.is_file()]
    size = sum(Path(file).stat().st_size for file in files)
    verify = [sys.executable, "-m", "jupyter_crdt_outputs.tools.cli", "verify", "--json", "--store", str(root)]
    _sha256sum(files)  # reads them into the cache
    times: dict[str, list[float]] = {"sha256sum": [], "verify": [], "verify, one thread": []}
    for _ in range(rounds):
        times["sha256sum"].append(_timed(lambda: _sha256sum(files)))
        times["verify"].append(_timed(lambda: _run(verify)))
        times["verify, one thread"].append(_timed(lambda: _run([*verify, "--threads", "1"])))
    rates = {what: size / statistics.median(taken) for what, taken in times.items()}
    ratio = rates["verify"] / rates["sha256sum"]
    print(f"{len(files):,} files of {name}, {size / 1e9:.2f} GB, medians of {rounds}")
    for what, rate in rates.items():
        print(f"  {what:<20}{rate / 1e6:8,.0f} MB/s   {rate / rates['sha256sum']:5.2f}")
    print(f"  {'reached' if ratio >= _TARGET else 'MISSED'}: at least {_TARGET} of sha256sum", flush=True)
    return {**rates, "ratio": ratio}


def _sha256sum(files: Sequence[str]) -> None:
    """Fed by a list of names, as ``find -print0 | xargs -0`` would."""
    _run(["xargs", "-0", "sha256sum"], "\0".join(files).encode())


def _run(command: Sequence[str], stdin: bytes = b"") -> None:
    subprocess.run(command, input=stdin, stdout=subprocess.DEVNULL, check=True)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
