"""What the server tells pages of cells that ask for input while it runs them itself, as Jupyter events."""

from __future__ import annotations

from typing import Any

from ..model.executions import ExecutionRecord
from .event_schema import event_schema

SCHEMA = event_schema(
    "prompt",
    "Prompt of a cell",
    "A running cell asks for input, or has it. What it asks is for those who may read executions.",
    {
        "id": {"type": "string", "description": "Of the execution."},
        "cell": {"type": "string", "description": "Id of the cell."},
        "path": {"type": "string", "description": "Of the notebook."},
        "file_id": {"type": "string", "description": "Of the notebook, which stays when it is moved."},
        "waiting": {"type": "boolean", "description": "Whether it waits for an answer."},
    },
)
SCHEMA_ID: str = SCHEMA["$id"]


class Prompts:
    """Emits that a cell asks for input, and that it goes on; its end is told by the execution's own event.

    Neither question nor answer is in it: events reach everybody who may read events, of whatever notebook.

    Args:
        event_logger: the server's.
    """

    def __init__(self, event_logger: Any) -> None:
        self._event_logger = event_logger
        event_logger.register_event_schema(SCHEMA)

    def changed(self, record: ExecutionRecord) -> None:
        """An execution asks for input, or has it."""
        waiting = record.status == "waiting-for-input"
        data = {"id": record.id, "cell": record.cell, "path": record.path, "file_id": record.file_id}
        self._event_logger.emit(schema_id=SCHEMA_ID, data=data | {"waiting": waiting})
