"""A client of the kernel with no server between: the least that an execution can take."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient

from .system import System

_READY_S = 30.0


@contextlib.asynccontextmanager
async def bare_client(system: System, kernel_id: str) -> AsyncIterator[Callable[[str], Coroutine[Any, Any, float]]]:
    """Gives a function that runs code, takes all of its outputs, and returns the seconds until the kernel was done."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.RCVHWM, 0)  # or what it cannot take at once is lost, perhaps with the end of it
    client = AsyncKernelClient(context=context)
    client.load_connection_file(str(system.server.home / "runtime" / f"kernel-{kernel_id}.json"))
    client.start_channels(hb=False, control=False)

    async def run(source: str) -> float:
        started = time.monotonic()
        await client.execute_interactive(source, timeout=600, output_hook=lambda _message: None)
        return time.monotonic() - started

    try:
        await client.wait_for_ready(timeout=_READY_S)
        yield run
    finally:
        client.stop_channels()
