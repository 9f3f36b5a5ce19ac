"""What the server tells pages of notebooks whose outputs are still being read, as Jupyter events."""

from __future__ import annotations

import time
from typing import Any

from .event_schema import event_schema

SCHEMA = event_schema(
    "opening",
    "Outputs of a notebook that are being read",
    "How much of a notebook's outputs is read from its file while the notebook is open already.",
    {
        "path": {"type": "string", "description": "The notebook."},
        "read_bytes": {
            "type": "integer",
            "minimum": 0,
            "description": "Of its outputs, so far. They are read twice, and each time counts half.",
        },
        "total_bytes": {"type": "integer", "minimum": 0, "description": "As much, when no more is to be read."},
    },
)
SCHEMA_ID: str = SCHEMA["$id"]

_AGAIN_S = 0.3


class Openings:
    """Emits the progress of each notebook, not too often; its beginning and its end always.

    Args:
        event_logger: the server's.
    """

    def __init__(self, event_logger: Any) -> None:
        self._event_logger = event_logger
        self._emitted_at: dict[str, float] = {}
        event_logger.register_event_schema(SCHEMA)

    def progress(self, path: str, read_bytes: int, total_bytes: int) -> None:
        """So many of so many bytes are read. Never raises, never waits."""
        now = time.monotonic()
        is_over = read_bytes >= total_bytes
        if not is_over and read_bytes > 0 and now - self._emitted_at.get(path, 0.0) < _AGAIN_S:
            return
        if is_over:
            self._emitted_at.pop(path, None)
        else:
            self._emitted_at[path] = now
        data = {"path": path, "read_bytes": read_bytes, "total_bytes": total_bytes}
        self._event_logger.emit(schema_id=SCHEMA_ID, data=data)
