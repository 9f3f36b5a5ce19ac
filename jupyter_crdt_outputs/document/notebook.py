"""The shared notebook of a room: bulk stays in the store while it is open, and comes back when it is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from jupyter_ydoc.ynotebook import YNotebook

from .contents import is_saving
from .handing_over import compared_with
from .host import Host
from .opened import OpenedNotebook
from .reading_cells import CellReader
from .rooms import unscoped_undo_manager
from .sources import ORDER, beginning_of, is_source, write_rest


class ArtifactNotebook(YNotebook):
    """Upstream's notebook, except for what goes in from a file and what goes out to one.

    Reading a file puts its bulk into the store before any client can see the document, and never falls back to
    inline: the same file must always give the same history. Writing a file puts it back, so files are complete, but for
    outputs that are larger than the file is to have.
    """

    host: ClassVar[Host]

    def __init__(self, ydoc: Any = None, awareness: Any = None) -> None:
        super().__init__(ydoc, awareness)
        self.is_loading = False
        self._cell_reader: CellReader | None = None
        if awareness is not None:
            # A room's own document. Its undo manager would keep every output ever deleted; the timeline's forks, which
            # come without awareness, need theirs.
            self._undo_manager = unscoped_undo_manager(self.ydoc)
            self.host.announcements.follow(self, awareness)

    @property
    def version(self) -> str:
        """Upstream's version and our policy: browsers with a document of another policy must reload, not merge."""
        return f"{super().version}+crdt-outputs.{self.host.archive.policy.fingerprint}.{ORDER}"

    def get(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The notebook as it belongs in a file. Blocks on the store.

        Raises:
            NotebookIncomplete: its outputs are still being read.
        """
        room = self.host.rooms.showing(self)
        if room is not None:
            self.host.lacking.check(room)
        return self.host.restoring.at_once(str(self.path), super().get(*args, **kwargs))

    async def aget(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The notebook as it belongs in a file; while it is saved, in the form of :class:`ThinNotebook`.

        While upstream compares it with an :class:`OpenedNotebook`, it has that one's form.

        Raises:
            StoreUnavailable, NotebookIncomplete: rather than leave outputs out.
        """
        room = self.host.rooms.showing(self)
        if room is not None and room.is_opening:
            await self.host.recovery.catch_up(room)
        opened = None if room is None else compared_with(room)
        if room is not None and opened is not None:
            self.host.lacking.give_up(room)
            if await self.host.recovery.is_replaced(room, opened, self.hash):
                opened.replaces = True
                return {}  # which is not what the file has
            await opened.complete(self.host.archive)
            return await super().aget(*args, **kwargs)
        if room is not None:
            await self.host.lacking.wait(room)
        path = str(self.path if room is None else room.path)
        if not is_saving():
            return await self.host.restoring.complete(path, await super().aget(*args, **kwargs), room)
        notebook = await self._read_cells() or await super().aget(*args, **kwargs)
        return await self.host.restoring.thin(path, notebook, room)

    async def _read_cells(self) -> dict[str, Any] | None:
        if self._cell_reader is None:
            self._cell_reader = CellReader(self, self.host.snapshots)
        return await self._cell_reader.read()

    def set(self, value: Mapping[str, Any]) -> None:
        """Take over a file's notebook. Blocks on the store."""
        offloaded = self._offloaded(value)
        if not is_source(self.ydoc, self.ycells):
            with self._loading():
                super().set(offloaded)
            return
        super().set(beginning_of(offloaded))
        for _ in write_rest(self.ydoc, self.ycells, offloaded):
            pass

    async def aset(self, value: Mapping[str, Any]) -> None:
        """Take over a file's notebook, unless a crash left this document ahead of the file.

        Raises:
            StoreFull, StoreUnavailable: the document is as it was.
        """
        if is_source(self.ydoc, self.ycells):
            await self._begin(value)
            return
        room = self.host.rooms.showing(self)
        if room is not None and isinstance(value, OpenedNotebook) and value.replaces and not value.is_complete:
            await self._replace(value)
            return
        if isinstance(value, OpenedNotebook):
            await value.complete(self.host.archive)
        offloaded = await asyncio.to_thread(self._offloaded, value)
        with self._loading():
            if room is None or not await self.host.recovery.keeps(room, value, offloaded):
                await super().aset(offloaded)
        if room is not None:
            await self.host.recovery.ended(room, value)

    async def aset_progressively(self, value: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        """The same in several steps, where upstream has it (5.0 on)."""
        if not is_source(self.ydoc, self.ycells):
            offloaded = await asyncio.to_thread(self._offloaded, value)
            with self._loading():
                await super().aset_progressively(offloaded, *args, **kwargs)
            return
        kwargs.pop("delay_outputs_above_mb", None)  # they all come later
        await self._begin(value, *args, progressive=True, **kwargs)

    async def _begin(self, value: Mapping[str, Any], *args: Any, progressive: bool = False, **kwargs: Any) -> None:
        """Make a room's first content; the rest of what is to be read from the file comes when the room is open."""
        opened = value if isinstance(value, OpenedNotebook) else None
        if opened is not None:
            opened.take_comparison()
        notebook = await asyncio.to_thread(self._offloaded, value)
        if progressive:
            await super().aset_progressively(beginning_of(notebook), *args, **kwargs)
        else:
            await super().aset(beginning_of(notebook))
        if opened is None or opened.is_complete:
            for _ in write_rest(self.ydoc, self.ycells, notebook):
                if not progressive:  # for then, people have the document already
                    await asyncio.sleep(0)
        elif progressive:
            await self.host.filler.fill(self, opened)
        else:
            self.host.filler.begin(self, opened)
        if opened is not None and progressive:
            opened.expect_comparison()

    async def _replace(self, opened: OpenedNotebook) -> None:
        """Take over the cells of a file; its outputs come when the room is open."""
        notebook = await asyncio.to_thread(self._offloaded, opened)
        with self._loading():
            await super().aset(notebook)
        self.host.filler.begin(None, opened)

    def _offloaded(self, value: Mapping[str, Any]) -> dict[str, Any]:
        is_offloaded = isinstance(value, OpenedNotebook)
        offloaded = dict(value) if is_offloaded else self.host.archive.offload_notebook(value)
        self.host.refers(offloaded)
        return offloaded

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Upstream keeps a transaction open across awaits meanwhile; writers stay out of it."""
        self.is_loading = True
        try:
            yield
        finally:
            self.is_loading = False


def notebook_class(host: Host) -> type[ArtifactNotebook]:
    """A notebook class for one server: upstream makes its documents by calling a class with nothing but a document."""
    return type("ServedNotebook", (ArtifactNotebook,), {"host": host, "__module__": __name__})
