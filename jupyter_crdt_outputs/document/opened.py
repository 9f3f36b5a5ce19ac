"""A notebook on its way from its file to its room, in the document's form, perhaps with outputs still to be read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from ..files.reading import NotebookReading
from ..files.unread import Batch, UnreadOutputs
from ..model.digest import Digest
from ..store.archive import Archive

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
        room_id: the room that it is read for.

    Attributes:
        replaces: whether its cells are to take the place of a document's, and its outputs to follow.
        stat, room_id: as above.
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
        room_id: str = "",
    ) -> None:
        super().__init__(content)
        self.reading = reading
        self.stat = stat
        self.room_id = room_id
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
