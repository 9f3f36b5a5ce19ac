"""A notebook of 200 plots as text, open and not: its size, and how long it takes.

Run as ``python -m benchmarks.views``; prints medians. ``--rounds`` for more of them.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer

_PLOTS = 200
_PLOT_BYTES = 24_000
_MOST_BYTES, _MOST_MS = 64_000, 100


def _write(path: Path) -> None:
    def plot(number: int) -> dict[str, Any]:
        picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + os.urandom(_PLOT_BYTES)).decode()
        data = {"image/png": picture, "text/plain": "<Figure size 640x480 with 1 Axes>"}
        return {
            "cell_type": "code",
            "id": f"{number:08}-1111-4222-8333-123456789012",
            "execution_count": number + 1,
            "metadata": {},
            "source": f"plot({number})",
            "outputs": [{"output_type": "display_data", "data": data, "metadata": {}}],
        }

    notebook = {"cells": list(map(plot, range(_PLOTS))), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook, indent=1))


def _measure(client: httpx.Client, server: LabServer, rounds: int, state: str) -> None:
    """Print the bytes of the answer, the median of milliseconds, and the server's CPU time for each."""
    for form in ("json", "text"):
        before = sum(server.process.cpu_times()[:2])
        size, took = _times(client, rounds, form)
        cpu = 1000 * (sum(server.process.cpu_times()[:2]) - before) / rounds
        print(f"{state:10}{form:8}{size:9,}{took:8.1f}{cpu:8.1f}")


def _times(client: httpx.Client, rounds: int, form: str) -> tuple[int, float]:
    times = []
    size = 0
    for _ in range(rounds):
        started = time.perf_counter()
        answer = client.get("outputs", params={"path": "plots.ipynb", "view": "text", "format": form})
        times.append(1000 * (time.perf_counter() - started))
        answer.raise_for_status()
        size = len(answer.content)
    return size, statistics.median(times)


async def _run(rounds: int) -> None:
    print(f"{'notebook':10}{'format':8}{'bytes':>9}{'ms':>8}{'CPU':>8}   (at most {_MOST_BYTES:,} in {_MOST_MS} ms)")
    with tempfile.TemporaryDirectory() as home, LabServer(Path(home)) as server:
        _write(server.root_dir / "plots.ipynb")
        url = f"{server.url}api/crdt-outputs/"
        with httpx.Client(base_url=url, headers=server.headers, trust_env=False, timeout=60) as client:
            await asyncio.to_thread(_measure, client, server, rounds, "closed")
            async with LabClient.open(server, "plots.ipynb") as tab:
                await tab.wait_until(lambda: len(tab.room.cells()) == _PLOTS and bool(tab.outputs(_PLOTS - 1)))
                await asyncio.to_thread(_measure, client, server, rounds, "open")
                await tab.shut_down_kernel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    asyncio.run(_run(parser.parse_args().rounds))
