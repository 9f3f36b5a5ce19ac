"""What is stale in a notebook of many cells: what it costs a server to tell that, again and again while people type.

Run as ``python -m benchmarks.freshness``; prints milliseconds of the server's CPU time for each question. ``--cells``
for other notebooks, ``--rounds`` for more questions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import httpx

from jupyter_crdt_outputs.testing.server import LabServer


def _source(number: int) -> str:
    above = max(number - 1, 0)
    return (
        f"import math\n\ndef f{number}(values, factor=3):\n"
        f'    """As people write it."""\n    out = [value * factor for value in values if value > {number}]\n'
        f"    return out + list(range({above} % 3))\n\n"
        f"v{number} = f{number}(range(10)){f' + v{above}[:3]' if number else ''}\nprint(len(v{number}), math.pi)\n"
    )


def _write(path: Path, count: int) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{number}", "execution_count": None, "metadata": {}, "outputs": []}
        | {"source": _source(number)}
        for number in range(count)
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def _spent(server: LabServer) -> float:
    return 1000 * float(sum(server.process.cpu_times()[:2]))


def _ask(client: httpx.Client, server: LabServer, path: str, rounds: int) -> tuple[float, dict[str, Any]]:
    told: dict[str, Any] = {}
    before = _spent(server)
    for _ in range(rounds):
        told = client.get("freshness", params={"path": path}).raise_for_status().json()
    return (_spent(server) - before) / rounds, told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, LabServer(Path(folder)) as server:
        root = f"{server.url}api/crdt-outputs/"
        with httpx.Client(base_url=root, headers=server.headers, trust_env=False, timeout=600) as client:
            print("cells       first   again   after an edit of the first cell: again, stale")
            for count in options.cells:
                path = f"{count}.ipynb"
                _write(server.root_dir / path, count)
                answer = client.post("executions?wait_s=60", json={"path": path, "cells": "all"})
                while any(each["ended_at"] is None for each in answer.raise_for_status().json()["executions"]):
                    answer = client.get("executions", params={"path": path, "wait_s": 60, "limit": 1000})
                first, _ = _ask(client, server, path, 1)
                again, _ = _ask(client, server, path, options.rounds)
                change = {"seen": {"source": _source(0)}, "source": _source(0) + "v0 = v0[:1]\n"}
                client.patch("cells/c0", params={"path": path}, json=change).raise_for_status()
                edited, told = _ask(client, server, path, options.rounds)
                stale = sum(each["stale"] is not None for each in told["cells"])
                print(f"{count:5}{first:12.0f}{again:8.0f}{edited:32.0f}{stale:8}")


if __name__ == "__main__":
    main()
