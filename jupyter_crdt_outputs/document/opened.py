"""A notebook on its way from its file to its room, in the document's form, perhaps with outputs still to be read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..files.reading import NotebookReading
from ..files.unread import Batch, UnreadOutputs
from ..model.digest import Digest
from ..store.archive import Archive
from .rooms import Room

_for_room: ContextVar[str] = ContextVar("for_room", default="")
_loaded: ContextVar[OpenedNotebook | None] = ContextVar("loaded", default=None)

Keep = Callable[[Mapping[Digest, bytes]], Awaitable[None]]


class OpenedNotebook(dict[str, Any]):
    """A notebook as it will be in its document.

    Args:
        content: in the document's form; without outputs where these are in *reading*.
        reading: the file, while outputs are to be read; closed by whoever reads them.
        stat: of the file; None when nothing but the content is known.
        trusts: whether the notebook of this signature is trusted.
        signature: gives the signature of what is read. Blocks.
        hash_: gives the hash of the file that is read. Blocks.
        read: called with what is then known, in no thread in particular, and blocking, when all is read.

    Attributes:
        room_id: the room that it was read for.
        is_known: whether the outputs were not looked at, since a record said what they are.
        replaces: whether its cells are to take the place of a document's, and its outputs to follow.
        stat: as above.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        reading: NotebookReading | None = None,
        *,
        stat: os.stat_result | None = None,
        trusts: Callable[[str | None], Awaitable[bool]] | None = None,
        signature: Callable[[NotebookReading], str | None] = lambda _reading: None,
        hash_: Callable[[NotebookReading], str] = lambda _reading: "",
        read: Callable[[OpenedNotebook, dict[str, tuple[int, int]], str | None], None] | None = None,
        is_known: bool = False,
    ) -> None:
        super().__init__(content)
        self.reading = reading
        self.stat = stat
        self.room_id = _for_room.get()
        self.is_known = is_known
        self.replaces = False
        self._trusts, self._compute_signature, self._hash, self._read = trusts, signature, hash_, read
        self._signature: str | None = None
        self._awaits_comparison = True

    @property
    def is_complete(self) -> bool:
        """Whether its outputs are all here."""
        return self.reading is None

    def take_comparison(self) -> bool:
        """Whether upstream is about to compare its document with this; true once."""
        taken, self._awaits_comparison = self._awaits_comparison, False
        return taken

    def expect_comparison(self) -> None:
        """Upstream will compare, once more."""
        self._awaits_comparison = True

    async def is_foreign(self, saved_hash: str | None) -> bool:
        """Whether the file, while its outputs are still to be read, is another one than a save that left this hash.

        Raises:
            FileChanged, OSError: as ``NotebookReading.hash``.
        """
        return self.reading is not None and saved_hash != await asyncio.to_thread(self._hash, self.reading)

    async def decide_trust(self) -> bool:
        """Find out, from all outputs, whether the notebook is trusted, and mark its cells.

        Raises:
            ValueError, FileChanged, OSError: as ``NotebookReading.outputs``.
        """
        assert self.reading is not None
        self._signature = await asyncio.to_thread(self._compute_signature, self.reading)
        trusted = self._trusts is not None and await self._trusts(self._signature)
        mark_cells(self, trusted)
        return trusted

    async def read_outputs(self, archive: Archive, keep: Keep) -> AsyncGenerator[Batch, None]:
        """Take the outputs in, cell by cell; those of each batch are durable when it is given.

        Args:
            archive: knows what leaves the document.
            keep: makes artifacts durable, while further outputs are read.

        Raises:
            ValueError, FileChanged, OSError: as ``NotebookReading.outputs``; and what *keep* raises.
        """
        assert self.reading is not None
        unread = UnreadOutputs(self.reading, archive)
        reading = asyncio.ensure_future(asyncio.to_thread(unread.next))
        try:
            while (batch := await reading) is not None:
                reading = asyncio.ensure_future(asyncio.to_thread(unread.next))
                await keep(batch.artifacts)
                batch.artifacts.clear()
                for number, outputs in batch.cells:
                    self["cells"][number]["outputs"] = outputs
                yield batch
        finally:
            await asyncio.wait([reading])  # the file must not be closed under it
            if not reading.cancelled():
                reading.exception()  # which was raised already, if it was to be
        if self._read is not None:
            await asyncio.to_thread(self._read, self, unread.spans, self._signature)
        self.close()

    async def complete(self, archive: Archive) -> None:
        """Read all that is to be read, at once.

        Raises:
            StoreFull, StoreUnavailable, ValueError, FileChanged, OSError: it is as it was.
        """
        if self.reading is None:
            return

        async def keep(artifacts: Mapping[Digest, bytes]) -> None:
            await asyncio.to_thread(archive.keep, artifacts)

        await self.decide_trust()
        async for _ in self.read_outputs(archive, keep):
            pass

    def close(self) -> None:
        """Read no further. Idempotent."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None


def mark_cells(notebook: Mapping[str, Any], trusted: bool) -> None:
    """Write into each code cell whether it is trusted, as a ``NotebookNotary`` does."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"]["trusted"] = trusted


@contextmanager
def reading_for(room_id: str) -> Iterator[None]:
    """Inside, a notebook that is got from the contents manager is for this room."""
    token = _for_room.set(room_id)
    try:
        yield
    finally:
        _for_room.reset(token)


def is_for_room() -> bool:
    """Whether the notebook that is got now is for a room, and not for somebody who wants all of it."""
    return bool(_for_room.get())


def expect(opened: OpenedNotebook) -> None:
    """Upstream has this notebook now, and will compare its document with it, in this task."""
    _loaded.set(opened)


def compared_with(room: Room | None) -> OpenedNotebook | None:
    """What upstream is about to compare this document with, in this task; None when it wants the complete notebook."""
    opened = _loaded.get()
    if opened is None or room is None or opened.room_id != room.room_id or not room.is_taking_over:
        return None
    _loaded.set(None)
    return opened if opened.take_comparison() else None


async def loaded_for(archive: Archive, room_id: str, load: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Upstream's model of a file, which *load* gives, with the notebook in the document's form.

    Raises:
        StoreFull, StoreUnavailable: and what *load* raises.
    """
    with reading_for(room_id):
        model = await load()
        opened = model["content"]
        if not isinstance(opened, OpenedNotebook):
            opened = OpenedNotebook(await asyncio.to_thread(archive.offload_notebook, opened))
    expect(opened)
    return {**model, "content": opened}
