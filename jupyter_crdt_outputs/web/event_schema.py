"""What our Jupyter events have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_SCHEMAS = "https://schema.jupyter.org/jupyter_crdt_outputs"


def event_schema(
    name: str, title: str, description: str, properties: Mapping[str, Mapping[str, Any]], optional: Collection[str] = ()
) -> dict[str, Any]:
    """The schema of an event, as ``EventLogger.register_event_schema`` takes it.

    Every event of ours is *personal data*: it tells of somebody's notebooks.

    Args:
        name: of the event, below our address.
        title: for people.
        description: for people.
        properties: in JSON Schema.
        optional: those that may be missing.
    """
    return {
        "$id": f"{_SCHEMAS}/{name}/v1",
        "version": "1",
        "title": title,
        "description": description,
        "personal-data": True,
        "type": "object",
        "required": [each for each in properties if each not in optional],
        "properties": dict(properties),
    }
