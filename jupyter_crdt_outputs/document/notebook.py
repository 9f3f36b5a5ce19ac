"""The shared notebook of a room: bulk stays in the store while it is open, and comes back when it is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from jupyter_ydoc.ynotebook import YNotebook

from ..store.archive import Archive
from .announcements import Announcements
from .recovery import close_interrupted_executions, is_ahead, save_when_open
from .rooms import Rooms, unscoped_undo_manager

Report = Callable[[str, list[str]], None]
"""Called with a notebook's path and, in words, what of it could not be restored."""


class ArtifactNotebook(YNotebook):
    """Upstream's notebook, except for what goes in from a file and what goes out to one.

    Reading a file puts its bulk into the store before any client can see the document, and never falls back to
    inline: the same file must always give the same history. Writing a file puts it back, so files are complete.
    """

    archive: ClassVar[Archive]
    rooms: ClassVar[Rooms]
    announcements: ClassVar[Announcements]
    report: ClassVar[Report]

    def __init__(self, ydoc: Any = None, awareness: Any = None) -> None:
        super().__init__(ydoc, awareness)
        self.is_loading = False
        if awareness is not None:
            # A room's own document. Its undo manager would keep every output ever deleted; the timeline's forks, which
            # come without awareness, need theirs.
            self._undo_manager = unscoped_undo_manager(self.ydoc)
            self.announcements.follow(self, awareness)

    @property
    def version(self) -> str:
        """Upstream's version and our policy: browsers with a document of another policy must reload, not merge."""
        return f"{super().version}+crdt-outputs.{self.archive.policy.fingerprint}"

    def get(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The notebook as it belongs in a file. Blocks on the store."""
        return self._reported(*self.archive.restore_notebook(super().get(*args, **kwargs)))

    async def aget(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The notebook as it belongs in a file. Raises :class:`StoreUnavailable` rather than leave outputs out."""
        notebook = await super().aget(*args, **kwargs)
        return self._reported(*await asyncio.to_thread(self.archive.restore_notebook, notebook))

    def set(self, value: Mapping[str, Any]) -> None:
        """Take over a file's notebook. Blocks on the store."""
        super().set(self.archive.offload_notebook(value))

    async def aset(self, value: Mapping[str, Any]) -> None:
        """Take over a file's notebook, unless a crash left this document ahead of the file.

        Raises:
            StoreFull, StoreUnavailable: the document is as it was.
        """
        offloaded = await asyncio.to_thread(self.archive.offload_notebook, value)
        room = self.rooms.showing(self)
        with self._loading():
            if room is not None and room.is_opening and await is_ahead(room, YNotebook.get(self), offloaded):
                close_interrupted_executions(room)
                save_when_open(room)
            else:
                await super().aset(offloaded)

    async def aset_progressively(self, value: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        """The same in several steps, where upstream has it (5.0 on)."""
        offloaded = await asyncio.to_thread(self.archive.offload_notebook, value)
        with self._loading():
            await super().aset_progressively(offloaded, *args, **kwargs)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Upstream keeps a transaction open across awaits meanwhile; writers stay out of it."""
        self.is_loading = True
        try:
            yield
        finally:
            self.is_loading = False

    def _reported(self, notebook: dict[str, Any], problems: list[str]) -> dict[str, Any]:
        if problems:
            type(self).report(str(self.path), problems)
        return notebook


def notebook_class(
    archive: Archive, rooms: Rooms, announcements: Announcements, report: Report
) -> type[ArtifactNotebook]:
    """A notebook class for one server: upstream makes its documents by calling a class with nothing but a document."""
    attributes = {"archive": archive, "rooms": rooms, "announcements": announcements, "report": staticmethod(report)}
    return type("ServedNotebook", (ArtifactNotebook,), {**attributes, "__module__": __name__})
