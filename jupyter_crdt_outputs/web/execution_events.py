"""Each execution that has ended, as a Jupyter event: administrators route them where they like."""

from __future__ import annotations

from typing import Any, get_args

from jupyter_events.schema import EventSchema

from ..model.executions import ExecutionRecord, Status

_VIA = ("endpoint", "browser")
_STATUSES = get_args(Status)

SCHEMA_ID = "https://schema.jupyter.org/jupyter_crdt_outputs/execution/v1"


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


SCHEMA: dict[str, Any] = {
    "$id": SCHEMA_ID,
    "version": "1",
    "title": "Execution of a cell",
    "description": "A cell was run, or was to be run; this is what became of it. What is not known is not there.",
    "personal-data": True,
    "type": "object",
    "required": ["id", "cell", "path", "file_id", "kernel", "user", "via", "queued_at", "status"],
    "properties": {
        "id": _text("A ULID."),
        "run": _text("The ULID that all executions of one request share."),
        "parent": _text("The execution that made this one necessary, as the caller said."),
        "cell": _text("Id of the cell."),
        "path": _text("Of the notebook, when the execution was asked for."),
        "file_id": _text("Of the notebook, which stays when it is moved."),
        "kernel": _text("Id of the kernel."),
        "kernel_name": _text("Name of its kernelspec."),
        "language": _text("Of its kernelspec."),
        "user": _text("Who asked for it, as the server knows them."),
        "claimed_name": _text("What they say that they are called, where the server knows no name; not proven."),
        "via": {"type": "string", "enum": list(_VIA), "description": "How it was asked for."},
        "queued_at": _text("When that was; UTC, ISO 8601."),
        "started_at": _text("When the kernel took it up."),
        "ended_at": _text("When all that it put out was written down."),
        "status": {"type": "string", "enum": list(_STATUSES), "description": "How it ended."},
        "error": _text("Name of the error that ended it."),
        "execution_count": {"type": "integer", "description": "As the kernel said."},
        "source_sha256": _text("Of the source that was run, in UTF-8."),
        "cell_sha256": _text("Of the cell's own source, when that was not all that was run."),
        "source": _text("That source, if the server keeps it."),
        "artifacts": {"type": "array", "items": {"type": "string"}, "description": "Digests of what it put out."},
    },
}


_TYPES = {"string": str, "integer": int, "array": list}
_PLAIN = {name: _TYPES[each["type"]] for name, each in SCHEMA["properties"].items()}
_REQUIRED = frozenset(SCHEMA["required"])


class _Schema(EventSchema):
    """The schema of these events, which sees in a hundredth of the time that a record of ours is as it should be.

    Anything else, such as what an administrator's modifier has made of it, is validated in full.
    """

    def validate(self, data: dict[str, Any]) -> None:
        """Raise ValidationError unless *data* is such an event."""
        is_plain = data.keys() >= _REQUIRED and all(type(value) is _PLAIN.get(name) for name, value in data.items())
        if not is_plain or data["via"] not in _VIA or data["status"] not in _STATUSES or data.get("artifacts"):
            super().validate(data)


class _Event(dict[str, Any]):
    """The data of an event. The logger makes a deep copy of each, which of texts and one list of texts is soon made."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, Any]:
        return {name: list(value) if type(value) is list else value for name, value in self.items()}


class ExecutionEvents:
    """Emits the records of executions.

    Args:
        event_logger: the server's.
    """

    def __init__(self, event_logger: Any) -> None:
        self._event_logger = event_logger
        event_logger.register_event_schema(_Schema(SCHEMA))

    def ended(self, record: ExecutionRecord) -> None:
        """An execution has ended."""
        known = {name: value for name, value in record.to_json().items() if value is not None and value != []}
        self._event_logger.emit(schema_id=SCHEMA_ID, data=_Event(known))
