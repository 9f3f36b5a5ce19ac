"""The complete notebook of one with references, as a stream of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from ..errors import CrdtOutputsError, StoreUnavailable
from ..model.digest import Digest
from ..model.reference import REFERENCE_MIME_TYPE
from ..store.parallel import each
from .ahead import Fetch, in_order
from .lacks import Incomplete, Lack, Where
from .output_text import Artifacts, OutputText
from .pieces import OutputPiece, pieces_of

Output = Mapping[str, Any]


class Completing:
    """The text of a notebook with all its originals, byte for byte what nbformat writes for the restored notebook.

    Memory does not grow with the outputs: a long stream is written segment by segment, a large artifact in slices.
    Only what is stored as JSON is in memory as a whole, one artifact of it. All that is read is verified, and read
    ahead while the caller writes. Every method blocks on the store.

    Whatever can be restored is, of any size. A file that is to keep some references is not written by this.

    Args:
        notebook: of nbformat 4, its texts in one piece: in the document's form, or as nbformat reads it from a file.
        store: has the originals.
    """

    def __init__(self, notebook: Mapping[str, Any], store: Artifacts) -> None:
        self._notebook = notebook
        self._store = store
        self._sizes: dict[Digest, int] = {}
        self._given_up: dict[tuple[int, int], Output] = {}

    def lacks(self, *, proven: bool = False) -> list[Lack]:
        """Every output that cannot be restored. Ask before the first byte is written.

        Args:
            proven: read everything, and so find what is corrupt, too; otherwise only look whether it is there.

        Raises:
            StoreUnavailable: nobody knows.
        """
        look = self._proof if proven else self._look
        found = each(lambda at: _lack(*at, look), list(self._referring()))
        return [lack for lack in found if lack is not None]

    def give_up(self, lacks: Sequence[Lack], placeholder: Callable[[Output, Lack], Output]) -> None:
        """Do without outputs that cannot be restored.

        Args:
            lacks: of this notebook.
            placeholder: gives what is written for an output instead; it is written as it is.
        """
        missing = {(lack.where.cell, lack.where.output): lack for lack in lacks}
        for where, output in list(self._referring()):
            lack = missing.get((where.cell, where.output))
            if lack is not None:
                self._given_up[where.cell, where.output] = placeholder(output, lack)

    @property
    def notebook(self) -> Mapping[str, Any]:
        """As it was given, with placeholders for what was given up."""
        if not self._given_up:
            return self._notebook
        cells = []
        for number, cell in enumerate(self._notebook["cells"], 1):
            if cell.get("outputs"):
                outputs = [self._given_up.get((number, at), output) for at, output in enumerate(cell["outputs"], 1)]
                cell = {**cell, "outputs": outputs}
            cells.append(cell)
        return {**self._notebook, "cells": cells}

    def size(self) -> int:
        """About how many bytes there will be: those of the artifacts that :meth:`lacks` has found."""
        return sum(self._sizes.values())

    def pieces(self) -> Iterator[bytes]:
        """The file, in pieces of some megabytes at most.

        Raises:
            Incomplete: what was given so far is to be thrown away.
            UnicodeEncodeError: the notebook has half a character, which no file can hold; before the first piece.
        """
        return in_order(self._pieces())

    def write_to(self, file: BinaryIO, advance: Callable[[int], object] = lambda size: None) -> int:
        """Write all pieces, and return how many bytes they were. Raises as :meth:`pieces`, and OSError.

        Args:
            file: binary.
            advance: called with the size of each piece.
        """
        size = 0
        for piece in self.pieces():
            file.write(piece)
            size += len(piece)
            advance(len(piece))
        return size

    def _outputs(self) -> Iterator[tuple[Where, Output]]:
        for number, cell in enumerate(self._notebook["cells"], 1):
            for at, output in enumerate(cell.get("outputs") or (), 1):
                yield Where(number, str(cell.get("id", "")), at), output

    def _referring(self) -> Iterator[tuple[Where, Output]]:
        for where, output in self._outputs():
            if refers(output) and (where.cell, where.output) not in self._given_up:
                yield where, output

    def _pieces(self) -> Iterator[bytes | Fetch]:
        referring = list(self._referring())
        places = {(where.cell, where.output) for where, _ in referring}
        # It is asked for each output once, in order: equal outputs may be one object at two places.
        separate = iter([(where.cell, where.output) in places for where, _ in self._outputs()])
        order = iter(referring)
        for piece in pieces_of(self.notebook, lambda output: next(separate)):
            if isinstance(piece, OutputPiece):
                yield from _located(next(order)[0], self._text(piece.output))
            else:
                yield piece

    def _text(self, output: Output) -> OutputText:
        return OutputText(output, self._store, self._size_of)

    def _size_of(self, digest: Digest) -> int:
        if digest not in self._sizes:
            self._sizes[digest] = self._store.size(digest)
        return self._sizes[digest]

    def _look(self, output: Output) -> None:
        each(self._size_of, self._text(output).reached())

    def _proof(self, output: Output) -> None:
        for piece in self._text(output).pieces():
            if isinstance(piece, Fetch):
                piece.then(piece.read())


def refers(output: Any) -> bool:
    """Whether an output stands for another one, or claims to."""
    data = output.get("data") if isinstance(output, Mapping) else None
    return isinstance(data, Mapping) and REFERENCE_MIME_TYPE in data


def _lack(where: Where, output: Output, look: Callable[[Output], None]) -> Lack | None:
    try:
        look(output)
    except StoreUnavailable:
        raise
    except CrdtOutputsError as error:
        return Lack(where, error)
    return None


def _located(where: Where, text: OutputText) -> Iterator[bytes | Fetch]:
    """The text's pieces, whose errors tell where."""

    def told(function: Callable[..., bytes]) -> Callable[..., bytes]:
        def call(*given: bytes) -> bytes:
            try:
                return function(*given)
            except CrdtOutputsError as error:
                raise Incomplete([Lack(where, error)]) from error

        return call

    try:
        for piece in text.pieces():
            yield piece if isinstance(piece, bytes) else Fetch(piece.size, told(piece.read), told(piece.then))
    except CrdtOutputsError as error:
        raise error if isinstance(error, Incomplete) else Incomplete([Lack(where, error)]) from error
