"""How fast ``jupyter crdt-outputs export`` is, and how much memory it takes.

``python -m benchmarks.export`` makes notebooks with references, one of 500 pictures of 2 MB and one of a stream of
1 GB, and exports each as a whole process. Beside it, on the same disk and in turn: ``cp`` of the complete file and,
when asked, the same by hand, with nbformat and all outputs in memory.

What makes it fair: what is read is in the system's cache for all, nothing waits to be written when a clock starts,
and when it stops all bytes are on the disk: ``export`` synchronises its file before it gives it its name, and ``cp``,
which does not, is followed by an fsync that counts. ``cp`` shares no blocks with its source where the file system
could. The medians are of runs that take turns. Processor time tells more than the clock where others use the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pybase64

from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive

from .compare import Comparison, table

_MB = 1_000_000
_MEMORY_MB = 200.0
_CP = ["cp", "--reflink=never"] if sys.platform == "linux" else ["cp"]
_COPY = "import os, sys; os.fsync(os.open(sys.argv[1], os.O_RDONLY))"
_BY_HAND = (
    "import sys; from pathlib import Path; import nbformat\n"
    "from jupyter_crdt_outputs.model.policy import Policy; from jupyter_crdt_outputs.store import open_store\n"
    "from jupyter_crdt_outputs.store.archive import Archive\n"
    "notebook = nbformat.read(sys.argv[1], 4)\n"
    "notebook, _ = Archive(open_store(sys.argv[3]), Policy(file_stream_max_bytes=1 << 40)).restore_notebook(notebook)\n"
    "nbformat.write(nbformat.from_dict(notebook), sys.argv[2])\n"
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=__doc__)
    parser.add_argument("--bytes", type=int, default=10**9, help="of the outputs of each notebook")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--by-hand", action="store_true", help="with nbformat too, which takes many times the memory")
    parser.add_argument("--scratch", type=Path, help="where to write; default: the system's place")
    parser.add_argument("--make", choices=_OUTPUTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        _make(_OUTPUTS[options.make](options.bytes), options.scratch)
        return
    rows: list[Comparison] = []
    for name in _OUTPUTS:
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            # In a process of its own: what this one had in memory would count for those that it starts.
            make = ["--make", name, "--bytes", str(options.bytes), "--scratch", folder]
            subprocess.run([sys.executable, "-m", "benchmarks.export", *make], check=True)
            rows += _measure(name, Path(folder), options.rounds, by_hand=options.by_hand)
    print(table(rows))


def _make(outputs: Iterable[dict[str, Any]], folder: Path) -> None:
    archive = Archive(open_store(f"{folder}/store"), Policy(file_stream_max_bytes=1))
    _save(folder / "thin.ipynb", [archive.offload_output(each) for each in outputs])


def _pictures(size: int) -> Iterator[dict[str, Any]]:
    noise = random.Random(1)
    for _ in range(size // (2 * _MB)):
        data = b"\x89PNG\r\n\x1a\n" + noise.randbytes(2 * _MB - 8)
        picture = pybase64.b64encode(data).decode()
        yield {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}


def _stream(size: int) -> Iterator[dict[str, Any]]:
    line = "epoch {:08d} loss 0.1234 accuracy 0.98: a line as programs print them while they learn\n"
    text = "".join(line.format(number) for number in range(size // len(line.format(0))))
    yield {"output_type": "stream", "name": "stdout", "text": text}


_OUTPUTS = {"500 pictures": _pictures, "one stream": _stream}


def _save(path: Path, outputs: Sequence[dict[str, Any]]) -> None:
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "source": ""}
    cells = [{**code, "outputs": [output]} for output in outputs]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    nbformat.write(nbformat.from_dict(notebook), path)


def _measure(name: str, folder: Path, rounds: int, *, by_hand: bool) -> list[Comparison]:
    thin, full, store = (str(folder / file) for file in ("thin.ipynb", "full.ipynb", "store"))
    python = [sys.executable]
    ours = [*python, "-m", "jupyter_crdt_outputs.tools.cli", "export", thin, "-o", full, "--store", store]
    other = str(folder / "copy.ipynb")
    commands = {
        "ours": ([ours], full),
        "cp": ([[*_CP, full, other], [*python, "-S", "-c", _COPY, other]], other),
        **({"by hand": ([[*python, "-c", _BY_HAND, thin, other, store]], other)} if by_hand else {}),
    }
    times: dict[str, list[float]] = {what: [] for what in commands}
    memory: dict[str, list[float]] = {what: [] for what in commands}
    processor: dict[str, list[float]] = {what: [] for what in commands}
    for _ in range(rounds):
        for what, (todo, made) in commands.items():
            Path(made).unlink(missing_ok=True)
            os.sync()  # what others have written is not to be waited for
            taken = [_run(command) for command in todo]
            times[what].append(sum(each.seconds for each in taken))
            memory[what].append(max(each.megabytes for each in taken))
            processor[what].append(sum(each.processor for each in taken))
    size = Path(full).stat().st_size / _MB
    speed = {what: [size / seconds for seconds in taken] for what, taken in times.items()}
    print(f"{name}: {size:,.0f} MB; seconds: " + ", ".join(f"{w} {statistics.median(t):.2f}" for w, t in times.items()))
    rows = [
        Comparison(f"{name}, speed", speed["ours"], speed["cp"], "cp and fsync", "MB/s", at_least=0.5),
        Comparison(f"{name}, memory", memory["ours"], [_MEMORY_MB], "the most allowed", "MB", at_most=1),
        Comparison(f"{name}, processor", processor["ours"], processor["cp"], "cp and fsync", "s"),
    ]
    if by_hand:
        rows.append(Comparison(f"{name}, speed", speed["ours"], speed["by hand"], "by nbformat", "MB/s"))
        rows.append(Comparison(f"{name}, memory", memory["ours"], memory["by hand"], "by nbformat", "MB"))
    return rows


class _Taken(NamedTuple):
    seconds: float
    processor: float
    """Seconds of all processors."""
    megabytes: float
    """The most memory that was in use."""


def _run(command: Sequence[str]) -> _Taken:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return _Taken(taken, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / _MB)


if __name__ == "__main__":
    main()
