"""Measure a store in a bucket: what a cell feels of an outage, and how fast what waited is uploaded."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.spool import SpooledStore
from jupyter_crdt_outputs.testing.lab_client import LabClient
from jupyter_crdt_outputs.testing.server import LabServer
from tests.moto_server import files, moto_bucket

from .compare import Comparison, table
from .system import code

_BUCKET = "benchmark"
_PICTURES = 20
_SOURCE = (
    "import base64, os\nfrom IPython.display import display\n"
    f"for i in range({_PICTURES}): display({{'image/png': base64.b64encode(os.urandom(200_000)).decode()}}, raw=True)"
)
_FAR_AWAY = """
import sys
from jupyter_crdt_outputs.testing.fault_proxy import FaultProxy
with FaultProxy(sys.argv[1]) as proxy:
    proxy.latency_s = float(sys.argv[2])
    print(proxy.url, flush=True)
    sys.stdin.read()
"""
_TIMEOUT_S = 120.0
_LATENCY_S = 0.05
_ARTIFACTS = 1000
_ARTIFACT_BYTES = 200_000
_ONE_BY_ONE = 50


async def run_once(server: LabServer, name: str) -> tuple[float, float, set[str]]:
    """Run the cell; seconds until the kernel is done, until the tab has every output, and the digests of these."""
    content = {"cells": [code(_SOURCE)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (server.root_dir / name).write_text(json.dumps(content))
    async with LabClient.open(server, name) as tab:
        await tab.save()
        started = time.monotonic()
        await tab.run_cells(tab.cell_ids())
        done_s = time.monotonic() - started
        await tab.wait_until(lambda: len(tab.outputs(0)) == _PICTURES, timeout_s=_TIMEOUT_S)
        seen_s = time.monotonic() - started
        references = [output["data"][REFERENCE_MIME_TYPE] for output in tab.outputs(0)]
        digests = {part["sha256"] for reference in references for part in reference["parts"].values()}
        await tab.shut_down_kernel()
    return done_s, seen_s, digests


async def outages(rounds: int, scratch: Path) -> list[Comparison]:
    """A cell with 20 pictures of 200 kB: with a local store, and with a bucket that swallows every packet."""
    taken: dict[str, list[float]] = defaultdict(list)
    url = f"s3://{_BUCKET}/outputs"
    with (
        moto_bucket(_BUCKET) as far,
        LabServer(scratch / "near") as near_server,
        LabServer(scratch / "far", config={"CrdtOutputsApp": {"store_url": url}}) as far_server,
    ):
        await run_once(near_server, "first.ipynb")
        await run_once(far_server, "first.ipynb")
        for round_ in range(rounds):
            done_s, seen_s, _ = await run_once(near_server, f"{round_}.ipynb")
            taken["near done"].append(done_s)
            taken["near seen"].append(seen_s)
            far.freeze()
            done_s, seen_s, digests = await run_once(far_server, f"{round_}.ipynb")
            taken["far done"].append(done_s)
            taken["far seen"].append(seen_s)
            await asyncio.sleep(20)  # long enough for uploads to have failed several times
            far.thaw()
            started = time.monotonic()
            while digests - await asyncio.to_thread(uploaded):  # noqa: ASYNC110 - a bucket has no event
                await asyncio.sleep(0.1)
            taken["uploaded"].append(time.monotonic() - started)
    return [
        Comparison(
            "cell finishes, store black-holed", taken["far done"], taken["near done"], "local store", "s", at_most=1.05
        ),
        Comparison("outputs visible", taken["far seen"], taken["near seen"], "local store", "s"),
        Comparison("uploaded after recovery", taken["uploaded"], [60.0], "the limit", "s", at_most=1),
    ]


@contextlib.contextmanager
def far_away(url: str) -> Iterator[str]:
    """The server at *url*, as it is from afar; in a process of its own, whose work is not on the account of ours."""
    with subprocess.Popen(
        [sys.executable, "-c", _FAR_AWAY, url, str(_LATENCY_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def uploads(rounds: int, scratch: Path, url: str) -> list[Comparison]:
    """Artifacts of 200 kB a second, to a bucket whose every answer takes 50 ms more: spooled, and one by one."""
    spooled, one_by_one = [], []
    with moto_bucket(_BUCKET) as near, far_away(near.url) as far:
        os.environ["AWS_ENDPOINT_URL"] = far
        for round_ in range(rounds):
            direct = open_store(url)
            direct.put(b"a connection")
            started = time.perf_counter()
            for _ in range(_ONE_BY_ONE):
                direct.put(os.urandom(_ARTIFACT_BYTES))
            one_by_one.append(_ONE_BY_ONE / (time.perf_counter() - started))
            store = SpooledStore(
                partial(open_store, url), scratch / f"spool{round_}", 1 << 40, 1 << 40, logging.getLogger()
            )
            store.put(b"a connection")
            artifacts = [os.urandom(_ARTIFACT_BYTES) for _ in range(_ARTIFACTS)]
            started = time.perf_counter()
            for start in range(0, _ARTIFACTS, 50):
                store.put_many(artifacts[start : start + 50])
            while store.waiting():
                time.sleep(0.01)
            spooled.append(_ARTIFACTS / (time.perf_counter() - started))
            store.stop()
    return [Comparison("1,000 x 200 kB to S3, 50 ms away", spooled, one_by_one, "one by one", "/s", at_least=20)]


def uploaded() -> set[str]:
    """The digests in the bucket."""
    return {path.rpartition("/")[2] for path in files().find(f"{_BUCKET}/outputs/sha256")}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.far_store", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default=f"s3://{_BUCKET}/outputs", help="the store, with the options of its driver")
    parser.add_argument("--uploads", action="store_true", help="measure only these")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        measured = uploads(options.rounds, Path(scratch), options.url)
        if not options.uploads:
            measured += asyncio.run(outages(options.rounds, Path(scratch)))
        print(table(measured))


if __name__ == "__main__":
    main()
