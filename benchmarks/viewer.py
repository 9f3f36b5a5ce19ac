"""Measure the viewer of long streams in a real browser: how soon it is seen, and what scrolling leaves in memory."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, sync_playwright

import jupyter_crdt_outputs
from devtools import system
from jupyter_crdt_outputs.model import preview, segments
from jupyter_crdt_outputs.model.offload import stream_output
from jupyter_crdt_outputs.model.segments import Segment
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.testing.server import LabServer

from .unseen_page import UnseenPage
from .work import Row

_MB = 1_000_000
_LINE = "{:09d} 2026-01-01 12:00:00,000 INFO worker.train: step done, loss 0.123456, 12.5 ms a sample, 64 samples\n"
_LINE_BYTES = len(_LINE.format(0))
_BATCH_LINES = 100_000

# No animation of wheels, or scrolling takes many minutes.
_FLAGS = ["--disable-gpu", "--disable-quic", "--disable-smooth-scrolling"]

# What was asked for last is there then, and JupyterLab is done with what it does at the start.
_SETTLING_S = 3.0

# Two frames after the lines are in the page, the first of the two has been painted.
_WATCH_FIRST_PAINT = """
const answered = new Promise(resolve => {
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries().filter(({ name }) => /lines[?]tail=/.test(name))) {
      observer.disconnect();
      resolve(entry);
    }
  });
  observer.observe({ type: 'resource', buffered: true });
});
const watcher = new MutationObserver(() => {
  if (document.querySelector('.jp-CrdtLog-line')) {
    watcher.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(async () => {
      const painted = performance.now();
      const { startTime, responseEnd } = await answered;
      window.benchmark = { waited: responseEnd - startTime, painted: painted - responseEnd };
    }));
  }
});
document.addEventListener('DOMContentLoaded', () => watcher.observe(document.body, { childList: true, subtree: true }));
"""

_REGION = "document.querySelector('.jp-CrdtLog [role=log]')"
_MIDDLE = f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])({_REGION}.getBoundingClientRect())"

# The number of the first line that is seen, which is in its text.
_FIRST_SEEN = f"""(() => {{
  const {{ x, y }} = {_REGION}.getBoundingClientRect();
  const line = document.elementFromPoint(x + 20, y + 10)?.closest('.jp-CrdtLog-line');
  return line ? parseInt(line.textContent, 10) : null;
}})()"""

_PAINT, _WAITED = "from the answer to the first paint", "for the answer"
_HEAP, _PROCESS = "JavaScript heap growth", "renderer process growth"
_NODES, _LISTENERS, _RATE = "DOM nodes", "event listeners growth", "scrolled in a second"

ROWS = (
    Row(_WAITED, "ms"),
    Row(_PAINT, "ms", at_most=300),
    Row(_HEAP, "B", at_most=50 * _MB),
    Row(_PROCESS, "B", at_most=50 * _MB),
    Row(_NODES, ""),
    Row(_LISTENERS, ""),
    Row(_RATE, "B"),
)

Samples = Mapping[str, Sequence[float]]


class Log:
    """A log of so many megabytes: the notebook whose only output it is."""

    def __init__(self, server: LabServer, megabytes: float) -> None:
        self.lines = round(megabytes * _MB / _LINE_BYTES)
        self.size = self.lines * _LINE_BYTES
        self.path = f"log-{megabytes:g}.ipynb"
        store = open_store(str(server.data_dir / "crdt-outputs"))
        notebook = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "python3"}})
        notebook.cells.append(new_code_cell(id="log", outputs=[nbformat.from_dict(self._put(store))]))
        nbformat.write(notebook, server.root_dir / self.path)

    def _put(self, store: ArtifactStore) -> dict[str, Any]:
        """Its segments into the store; the output that stands for it."""
        put: list[Segment] = []
        rest = head = tail = b""
        for text in self._text():
            head = head or text[: preview.END_BYTES]
            tail = text[-preview.END_BYTES :]
            pieces = list(segments.cut(rest + text, whole=False))
            rest = (rest + text)[sum(map(len, pieces)) :]
            store.put_many(pieces)
            put += map(Segment.of, pieces)
        store.put(rest)
        artifacts: dict[Any, bytes] = {}
        output = stream_output("stdout", [*put, Segment.of(rest)], head, tail, artifacts)
        store.put_many(list(artifacts.values()))
        return output

    def _text(self) -> Iterator[bytes]:
        for first in range(0, self.lines, _BATCH_LINES):
            last = min(first + _BATCH_LINES, self.lines)
            yield "".join(map(_LINE.format, range(first, last))).encode()


class Reader:
    """Somebody with the log in a browser of their own, and the instruments on it."""

    def __init__(self, browser: Browser, server: LabServer, log: Log, number: int) -> None:
        self._log = log
        self._browser = browser
        self._others = set(self._renderers())
        self._page = UnseenPage(browser, _WATCH_FIRST_PAINT, width=1280, height=1000)
        workspace = f"{Path(log.path).stem.replace('.', '-')}-{number}"
        self._page.send(
            "Page.navigate", url=f"{server.url}lab/workspaces/{workspace}/tree/{log.path}?token={server.token}"
        )

    def first_paint(self) -> dict[str, float]:
        """How long the first lines took."""
        taken = self._page.wait_for("window.benchmark ?? null")
        return {_WAITED: taken["waited"], _PAINT: taken["painted"]}

    def scroll(self, size: float) -> dict[str, float]:
        """Scroll back through so many bytes with the wheel. What has grown, when all that can go has gone."""
        self._wheel_to(self._log.lines - 2000)
        before = self._memory()
        started = time.monotonic()
        self._wheel_to(max(0, self._log.lines - 2000 - int(size / _LINE_BYTES)))
        seconds = time.monotonic() - started
        after = self._memory()
        growth = {name: after[name] - before[name] for name in (_HEAP, _PROCESS, _LISTENERS)}
        return {**growth, _NODES: after[_NODES], _RATE: size / seconds}

    def close(self) -> None:
        """Leave."""
        self._page.close()

    def _wheel_to(self, wanted: int) -> None:
        """Turn the wheel up until this line is seen, or one before it."""
        x, y = self._page.wait_for(_MIDDLE)
        while (seen := self._page.evaluate(_FIRST_SEEN)) is None or seen > wanted:
            self._page.send("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-20_000)

    def _memory(self) -> dict[str, float]:
        time.sleep(_SETTLING_S)
        for _ in range(3):
            self._page.send("HeapProfiler.collectGarbage")
        counters = self._page.send("Memory.getDOMCounters")
        used = self._page.send("Runtime.getHeapUsage")["usedSize"]
        ours = set(self._renderers()) - self._others  # there may be a spare one, which is small
        process = max(psutil.Process(pid).memory_full_info().uss for pid in ours)
        return {_HEAP: used, _PROCESS: process, _NODES: counters["nodes"], _LISTENERS: counters["jsEventListeners"]}

    def _renderers(self) -> list[int]:
        session = self._browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return [process["id"] for process in processes if process["type"] == "renderer"]


def measure(browser: Browser, server: LabServer, log: Log, rounds: int, scrolled: float) -> Samples:
    """Read the log so many times, each in a new browser."""
    samples: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        print(f"\r\x1b[K{log.path}: round {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        reader = Reader(browser, server, log, number)
        taken = {**reader.first_paint(), **reader.scroll(scrolled)}
        reader.close()
        for name, value in taken.items():
            samples[name].append(value)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return samples


def show(log: Log, scrolled: float, samples: Samples) -> None:
    """Print the medians, judged."""
    print(f"A log of {_shown(log.size, 'B')}, {_shown(scrolled, 'B')} of it scrolled through")
    for row in ROWS:
        value = statistics.median(samples[row.measure])
        target = "" if row.at_most is None else f"≤ {_shown(row.at_most, row.unit)}"
        met = "" if row.at_most is None else "met" if value <= row.at_most else "MISSED"
        print(f"  {row.measure:<36} {_shown(value, row.unit):>10}   {target:<10} {met}".rstrip())


def _shown(value: float, unit: str) -> str:
    return f"{value / _MB:,.1f} MB" if unit == "B" else f"{value:,.0f} {unit}".strip()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each log is read")
    parser.add_argument("--sizes", type=float, nargs="+", default=[1.1, 1000], help="of the logs, in MB")
    parser.add_argument("--scroll", type=float, default=100, help="how much of a log is scrolled through, in MB")
    options = parser.parse_args()
    if not (Path(jupyter_crdt_outputs.__file__).parent / "labextension").is_dir():
        parser.error("the lab extension is not built; `python3 dev.py build` does that")
    home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with home as folder, LabServer(Path(folder)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=system.chromium(), args=_FLAGS)
        for megabytes in options.sizes:
            log = Log(server, megabytes)
            # The beginning is left out, where there is nothing more to scroll to.
            scrolled = min(options.scroll * _MB, max(0.0, log.size - 1_000_000))
            show(log, scrolled, measure(browser, server, log, options.rounds, scrolled))
        browser.close()


if __name__ == "__main__":
    main()
