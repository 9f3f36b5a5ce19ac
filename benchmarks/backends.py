"""Which driver for S3 is the faster one: ``python -m benchmarks.backends``.

Both against both servers that the tests use, through the same store, one call after the other and from 32 threads.
Prints medians, and how many times faster obstore is than s3fs: the ratios hold on other machines, the times do not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from tests.moto_server import moto_server
from tests.store import servers

DRIVERS = {"s3fs": "", "obstore": "&driver=obstore"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="artifacts")
    parser.add_argument("--bytes", type=int, default=200_000, help="of each")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ |= {
        "AWS_ACCESS_KEY_ID": servers.USER,
        "AWS_SECRET_ACCESS_KEY": servers.PASSWORD,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    login = f"{servers.USER},{servers.PASSWORD}"
    with tempfile.TemporaryDirectory() as folder, servers.rclone("s3", Path(folder), "--auth-key", login) as port:
        compare("rclone", f"http://127.0.0.1:{port}", options)
    with moto_server() as server:
        compare("moto", server.url, options)


def compare(name: str, endpoint: str, options: argparse.Namespace) -> None:
    seconds: dict[tuple[str, str], list[float]] = {}
    for _ in range(options.rounds):
        for driver, option in DRIVERS.items():  # by turns, so that a busy moment of the machine hits both
            store = open_store(f"s3://{servers.new_bucket(endpoint)}/outputs?endpoint_url={endpoint}{option}")
            store.put(b"connected")
            for work, took in measure(store, options.count, options.bytes).items():
                seconds.setdefault((work, driver), []).append(took)
    for work in sorted({work for work, _ in seconds}):
        s3fs, obstore = (statistics.median(seconds[work, driver]) for driver in DRIVERS)
        print(f"{name:8}{work:20}s3fs {s3fs:6.2f} s   obstore {obstore:6.2f} s   {s3fs / obstore:5.1f} times faster")


def measure(store: ArtifactStore, count: int, size: int) -> dict[str, float]:
    took = {}
    for threads in (1, 32):
        artifacts = [os.urandom(size) for _ in range(count)]
        took[f"put, {threads} at once"] = timed(store.put, artifacts, threads)
        took[f"get, {threads} at once"] = timed(store.get, map(Digest.of, artifacts), threads)
    return took


def timed(work: Callable[[Any], object], on: Iterable[object], threads: int) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, on))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
