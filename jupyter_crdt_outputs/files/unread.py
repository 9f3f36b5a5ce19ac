"""The outputs of a notebook file on their way into the store, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..model.digest import Digest
from ..store.archive import Archive
from .pieces import key_of
from .reading import NotebookReading, ReadOutput

_FIRST_BYTES, _MOST_BYTES = 1 << 20, 1 << 24
_MOST_OUTPUTS = 1000


@dataclass(slots=True)
class Batch:
    """Cells whose outputs are read.

    Attributes:
        cells: number of the cell, and its outputs in the document's form.
        artifacts: what must be durable before these outputs, and those of later batches, go into a document.
        read_bytes: of the file's outputs, up to here.
    """

    cells: list[tuple[int, list[dict[str, Any]]]] = field(default_factory=list)
    artifacts: dict[Digest, bytes] = field(default_factory=dict)
    read_bytes: int = 0


class UnreadOutputs:
    """Reads and offloads what :class:`NotebookReading` left out. Every method blocks; one thread at a time.

    Args:
        reading: the file.
        archive: knows what leaves the document. Nothing is kept in its store.

    Attributes:
        spans: of what was read so far, where the file has the very text that a save would write.
    """

    def __init__(self, reading: NotebookReading, archive: Archive) -> None:
        self.spans: dict[str, tuple[int, int]] = {}
        self._archive = archive
        self._outputs: Iterator[ReadOutput] = reading.outputs()
        self._cell: tuple[int, list[dict[str, Any]]] | None = None
        self._largest = _FIRST_BYTES
        self._read_bytes = 0
        self._is_done = False

    def next(self) -> Batch | None:
        """A few more cells; None at the end. The first batches are small, so that something is seen soon.

        Raises:
            ValueError, FileChanged, OSError: as ``NotebookReading.outputs``.
        """
        if self._is_done:
            return None
        batch, size, count = Batch(), 0, 0
        while size < self._largest and count < _MOST_OUTPUTS:
            read = next(self._outputs, None)
            if self._cell is not None and (read is None or read.cell != self._cell[0]):
                batch.cells.append(self._cell)
                self._cell = None
            if read is None:
                self._is_done = True
                break
            output = self._offloaded(read, batch.artifacts)
            self._cell = self._cell or (read.cell, [])
            self._cell[1].append(output)
            size, count = size + read.length, count + 1
        self._largest = min(2 * self._largest, _MOST_BYTES)
        self._read_bytes += size
        batch.read_bytes = self._read_bytes
        return batch

    def _offloaded(self, read: ReadOutput, artifacts: dict[Digest, bytes]) -> dict[str, Any]:
        offloaded = self._archive.offload_from_file(read.text.output())
        artifacts |= offloaded.artifacts
        if offloaded.artifacts and read.length and read.text.is_exact():
            self.spans[key_of(offloaded.output)] = (read.start, read.length)
        return offloaded.output
