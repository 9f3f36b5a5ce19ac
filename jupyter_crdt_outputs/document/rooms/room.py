"""One room of jupyter-collaboration, with the notebook that is open in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async
from pycrdt import Array, Doc, Map

from .history import History


class Room:
    """One open notebook.

    Attributes:
        room_id: as in the room's URL.
        doc: the shared document.
        cells: its array of cells.
        history: what upstream keeps of the document.
    """

    def __init__(self, upstream: Any) -> None:
        self.upstream = upstream
        self.room_id: str = upstream.room_id
        self.doc: Doc[Any] = upstream.ydoc
        self.cells: Array[Any] = upstream._document.ycells
        self.history = History(upstream)
        self._index: dict[str, int] = {}

    @property
    def path(self) -> str:
        """The notebook's path now; it follows renames."""
        return str(self.upstream._document.path)

    @property
    def contents_manager(self) -> Any:
        """What reads and writes this notebook's file."""
        return self.upstream._file._contents_manager

    @property
    def document(self) -> Any:
        """Upstream's notebook in this room."""
        return self.upstream._document

    @property
    def file_id(self) -> str:
        """Of the notebook, which stays when it is moved."""
        return self.room_id.rpartition(":")[2]

    @property
    def metadata(self) -> Map[Any]:
        """The notebook's own metadata, in the document."""
        found: Map[Any] = self.doc.get("meta", type=Map)["metadata"]
        return found

    @property
    def is_loading(self) -> bool:
        """Whether the file is being read into the document, in a transaction that others must stay out of."""
        return not self.upstream.ready or bool(getattr(self.upstream._document, "is_loading", False))

    @property
    def is_opening(self) -> bool:
        """Whether no client has seen the document yet."""
        return not self.upstream.ready

    @property
    def is_taking_over(self) -> bool:
        """Whether upstream compares the document with its file, or writes the one into the other."""
        return bool(self.upstream._update_lock.locked())

    async def taken_over(self) -> None:
        """Wait while upstream reads or writes the file: what is written to the document meanwhile may not be saved."""
        async with self.upstream._update_lock:
            pass

    async def opened(self) -> None:
        """Wait until clients may see the document."""
        await self.upstream.ready_event.wait()

    async def reload(self) -> None:
        """Take the file over, as when somebody else has changed it."""
        await self.upstream._on_outofband_change()

    async def file_content(self) -> dict[str, Any]:
        """The notebook as the file has it."""
        loader = self.upstream._file
        model = await ensure_async(loader._contents_manager.get(loader.path, type="notebook", content=True))
        content: dict[str, Any] = model["content"]
        return content

    async def file_is_as_saved(self) -> bool:
        """Whether the file holds exactly what this document's last save wrote, perhaps before a crash."""
        loader = self.upstream._file
        saved_hash = self.upstream._document.hash
        if not saved_hash:
            return False
        model = await ensure_async(loader._contents_manager.get(loader.path, content=False, require_hash=True))
        return bool(model.get("hash") == saved_hash)

    def find_cell(self, cell_id: str) -> Map[Any] | None:
        """The code cell of this id as it is now: moving a cell makes a new object of it."""
        with self.doc.transaction():  # or each look would be one of its own
            index = self._index.get(cell_id)
            if index is not None and index < len(self.cells):
                cell = self.cells[index]
                if cell.get("id") == cell_id:
                    return self._code_cell(cell)
            # All are noted in one pass: whoever looks for one looks for the others too.
            self._index = {cell.get("id"): index for index, cell in reversed(list(enumerate(self.cells)))}
            index = self._index.get(cell_id)
            return None if index is None else self._code_cell(self.cells[index])

    def observe(self, callback: Callable[[list[Any]], None]) -> Callable[[], None]:
        """Follow every change below the cells, beside upstream's own observers; returns how to stop."""
        subscription = self.cells.observe_deep(callback)
        return partial(self.cells.unobserve, subscription)

    def send_promptly(self) -> None:
        """Send small frames to the browsers at once: without, delayed acknowledgements cost 40 ms and more."""
        for client in self.upstream.clients:
            set_nodelay = getattr(client, "set_nodelay", None)
            if set_nodelay is not None and getattr(client, "ws_connection", None) is not None:
                set_nodelay(True)

    @property
    def save_delay_s(self) -> float | None:
        """How long upstream waits for a pause before it saves; None when nobody wants the file saved by itself."""
        delay: float | None = self.upstream._save_delay
        states = [state for state in self.upstream.awareness.states.values() if state]
        wants_autosave = not states or any(state.get("autosave", True) for state in states)
        return delay if wants_autosave else None

    @property
    def is_deserted(self) -> bool:
        """Whether no browser is left, or only connections that are closing."""
        return all(getattr(client, "ws_connection", None) is None for client in self.upstream.clients)

    @property
    def is_dirty(self) -> bool:
        """Whether the file lacks something of the document, as far as upstream knows."""
        return bool(self.upstream._document.dirty)

    async def mark_dirty(self) -> None:
        """Note in the document that the file lacks something of it. What undoes it is a save, if it succeeds."""
        if not self.is_dirty:
            async with self.upstream._update_lock:  # inside, upstream takes no change for one that is to be saved
                self.upstream._document.dirty = True

    async def save(self) -> None:
        """Save now, whatever changes keep coming: upstream waits for a pause, which a busy stream never makes.

        Upstream knows nothing of this save, or the next change would cancel it.
        """
        await self.taken_over()  # the file may be on its way into the document
        await self.upstream._maybe_save_document(None, save_now=True)

    def guard_saves(self, guard: Callable[[Callable[[], Awaitable[None]], float | None], Awaitable[None]]) -> None:
        """Have every save of this notebook, whoever begins it, done by *guard*.

        It is given what saves, and for how long upstream would first have waited for a pause; None when somebody asked
        for the save. Upstream would have each change end the save before it, even one that somebody waits for.
        Nothing is done a second time.
        """
        save = self.upstream._maybe_save_document
        if getattr(save, "is_guarded", False):
            return

        async def guarded(_before: asyncio.Task[None] | None, save_now: bool = False) -> None:
            del _before  # or this task keeps that one, and that one the one before
            delay = None if save_now else self.upstream._save_delay
            if delay is not None or save_now:
                await guard(partial(save, None, save_now=True), delay)

        guarded.is_guarded = True  # type: ignore[attr-defined]
        self.upstream._maybe_save_document = guarded

    @staticmethod
    def _code_cell(cell: Any) -> Map[Any] | None:
        return cell if cell.get("cell_type") == "code" and isinstance(cell.get("outputs"), Array) else None
