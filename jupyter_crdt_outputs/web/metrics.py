"""What an administrator's Prometheus sees of us, at the server's own ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from ..kernel.waiting import Waiting

_WAITING = Gauge(
    "crdt_outputs_waiting_bytes",
    "Bytes of kernel messages that are still to be recorded, and where they wait",
    ["where"],
)
_LOST = Counter("crdt_outputs_lost_messages", "Messages that kernels dropped before this server could take them")


def lost(messages: int) -> None:
    """Count messages that kernels dropped."""
    _LOST.inc(messages)


def follow(waiting: Waiting) -> None:
    """Show what waits, from now on."""
    _WAITING.labels("memory").set_function(lambda: waiting.bytes_in_memory)
    _WAITING.labels("file").set_function(lambda: waiting.bytes_in_file)
