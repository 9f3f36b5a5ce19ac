"""What the current task does with a notebook: upstream says neither for which room a file is read nor what for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..store.archive import Archive
from .opened import OpenedNotebook
from .rooms import Room

_reading_for: ContextVar[str] = ContextVar("reading_for", default="")
_loaded: ContextVar[OpenedNotebook | None] = ContextVar("loaded", default=None)


def reading_for() -> str:
    """The id of the room for which a notebook is got now; empty when somebody else wants all of it."""
    return _reading_for.get()


async def loaded_for(archive: Archive, room_id: str, load: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Upstream's model of a file, which *load* gives, with the notebook in the document's form.

    Raises:
        StoreFull, StoreUnavailable: and what *load* raises.
    """
    with _reading(room_id):
        model = await load()
    opened = model["content"]
    if not isinstance(opened, OpenedNotebook):
        opened = OpenedNotebook(await asyncio.to_thread(archive.offload_notebook, opened), room_id=room_id)
    _loaded.set(opened)  # upstream has it now, and will compare its document with it
    return {**model, "content": opened}


def compared_with(room: Room | None) -> OpenedNotebook | None:
    """What upstream is about to compare this document with, in this task; None when it wants the complete notebook."""
    opened = _loaded.get()
    if opened is None or room is None or opened.room_id != room.room_id or not room.is_taking_over:
        return None
    _loaded.set(None)
    return opened if opened.take_comparison() else None


@contextmanager
def _reading(room_id: str) -> Iterator[None]:
    token = _reading_for.set(room_id)
    try:
        yield
    finally:
        _reading_for.reset(token)
