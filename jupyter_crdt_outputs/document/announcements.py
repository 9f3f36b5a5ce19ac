"""Who can see the document: browsers announce the name of their kernel connection in the room's awareness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

FIELD = "crdtOutputs"
KEY = "kernelClient"

_LONGEST_NAME = 256


class Announcements:
    """Which document each announced kernel client sees.

    Args:
        seen: called with a document when a client announces itself in it.

    Awareness is what clients say of themselves, so a name is only ever looked up, and a client that announces another
    one's name can do no more than have that one's outputs recorded in a document it can write to itself.
    """

    def __init__(self, seen: Callable[[Any], None]) -> None:
        self._seen = seen
        self._documents: WeakValueDictionary[str, Any] = WeakValueDictionary()  # closing a room tells nobody

    def follow(self, document: Any, awareness: Any) -> None:
        """Keep up with the announcements in a document's awareness for as long as that lives."""
        present: set[str] = set()

        def update(topic: str, change: object) -> None:
            if topic != "change":
                return
            announced = {name for name in map(announced_client, awareness.states.values()) if name is not None}
            for name in present - announced:
                if self._documents.get(name) is document:
                    del self._documents[name]
            for name in announced - present:
                self._documents[name] = document
            if announced - present:
                self._seen(document)
            present.clear()
            present.update(announced)

        awareness.observe(update)

    def document_of(self, kernel_client: str) -> Any | None:
        """The document that this kernel client sees, or None: then its outputs are its own business."""
        return self._documents.get(kernel_client)


def announced_client(state: object) -> str | None:
    """The name in one client's awareness state, which may hold anything."""
    field = state.get(FIELD) if isinstance(state, Mapping) else None
    name = field.get(KEY) if isinstance(field, Mapping) else None
    return name if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME else None
