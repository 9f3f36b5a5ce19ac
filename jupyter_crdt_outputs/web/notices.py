"""What the server tells whoever has a page open, as Jupyter events."""

from __future__ import annotations

import time
from typing import Any, Literal, get_args

from .event_schema import event_schema

Kind = Literal[
    "store-nearly-full",
    "store-full",
    "store-unavailable",
    "outputs-missing",
    "not-saved",
    "recovered",
    "saved",
    "refused",
]

SCHEMA = event_schema(
    "notice",
    "Notice about recorded outputs",
    "Something about the storage of outputs that a user should know of.",
    {
        "kind": {
            "type": "string",
            "enum": list(get_args(Kind)),
            "description": "One banner for each kind; recovered takes the store's away, saved the file's.",
        },
        "message": {"type": "string", "description": "For the user: what happened and what to do."},
        "path": {"type": "string", "description": "The notebook, if it is about one."},
    },
    optional=["path"],
)
SCHEMA_ID: str = SCHEMA["$id"]

_AGAIN_S = 30.0


class Notices:
    """Emits notices, the same one at most every half minute.

    Args:
        event_logger: the server's.
    """

    def __init__(self, event_logger: Any) -> None:
        self._event_logger = event_logger
        self._emitted_at: dict[tuple[str, str], float] = {}
        event_logger.register_event_schema(SCHEMA)

    def emit(self, kind: Kind, message: str, path: str = "") -> None:
        """Tell every open page. Never raises, never waits."""
        now = time.monotonic()
        if now - self._emitted_at.get((kind, path), -_AGAIN_S) < _AGAIN_S:
            return
        if kind in ("recovered", "saved"):
            self._emitted_at.clear()
        self._emitted_at[kind, path] = now
        data = {"kind": kind, "message": message} | ({"path": path} if path else {})
        self._event_logger.emit(schema_id=SCHEMA_ID, data=data)
