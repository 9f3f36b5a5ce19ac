"""What an administrator's Prometheus sees of us, at the server's own ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import Counter, Gauge

from ..kernel.waiting import Waiting
from ..store.state import StoreState

_WAITING = Gauge(
    "crdt_outputs_waiting_bytes",
    "Bytes of kernel messages that are still to be recorded, and where they wait",
    ["where"],
)
_SPOOLED = Gauge("crdt_outputs_spooled_artifacts", "Artifacts that wait on this server to be uploaded to the store")
_SPOOLED_BYTES = Gauge("crdt_outputs_spooled_bytes", "Bytes of artifacts that wait to be uploaded to the store")
_LOST = Counter("crdt_outputs_lost_messages", "Messages that kernels dropped before this server could take them")


def lost(messages: int) -> None:
    """Count messages that kernels dropped."""
    _LOST.inc(messages)


def follow_store(state: Callable[[], StoreState]) -> None:
    """Show what waits for the store, from now on."""
    _SPOOLED.set_function(lambda: state().waiting)
    _SPOOLED_BYTES.set_function(lambda: state().waiting_bytes)


def follow(waiting: Waiting) -> None:
    """Show what waits, from now on."""
    _WAITING.labels("memory").set_function(lambda: waiting.bytes_in_memory)
    _WAITING.labels("file").set_function(lambda: waiting.bytes_in_file)
