"""A server extension that watches the event loop it runs in, the same in both systems.

``GET /benchmarks/probe`` reports what happened since the last ``DELETE`` of it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

_INTERVAL_S = 0.004


class Probe:
    """Wakes up all the time and notes by how much the loop was late.

    Attributes:
        worst_stall_s: the longest the loop kept this task waiting beyond its time.
        loop_cpu_s: CPU time of the loop's thread.
    """

    def __init__(self) -> None:
        self.worst_stall_s = 0.0
        self._cpu_before = time.thread_time()

    @property
    def loop_cpu_s(self) -> float:
        return time.thread_time() - self._cpu_before

    def reset(self) -> None:
        self.worst_stall_s = 0.0
        self._cpu_before = time.thread_time()

    async def watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(_INTERVAL_S)
            self.worst_stall_s = max(self.worst_stall_s, time.monotonic() - before - _INTERVAL_S)


class ProbeHandler(APIHandler):
    """Reads and resets the probe. Runs on the loop, so its thread is the one that is measured."""

    def initialize(self, probe: Probe) -> None:
        self._probe = probe

    @web.authenticated
    def get(self) -> None:
        self.finish({"worst_stall_s": self._probe.worst_stall_s, "loop_cpu_s": self._probe.loop_cpu_s})

    @web.authenticated
    def delete(self) -> None:
        self._probe.reset()
        self.set_status(204)
        self.finish()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "benchmarks.probe"}]


async def _start_jupyter_server_extension(serverapp: ServerApp) -> None:
    probe: Probe = serverapp.web_app.settings["benchmarks_probe"]
    serverapp.web_app.settings["benchmarks_probe_task"] = asyncio.create_task(probe.watch())


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    probe = Probe()
    serverapp.web_app.settings["benchmarks_probe"] = probe
    pattern = url_path_join(serverapp.web_app.settings["base_url"], r"/benchmarks/probe")
    handlers = [(pattern, ProbeHandler, {"probe": probe})]
    serverapp.web_app.add_handlers(".*$", handlers)  # type: ignore[no-untyped-call]
