"""A notebook as its file is to have it, before the originals are put in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import nbformat

from ..model.digest import Digest
from ..model.reference import reference_in
from ..model.snapshot import CellSnapshot
from ..store.archive import Archive
from .pieces import OutputPiece, Pieces, cell_texts, coalesced, key_of, notebook_text, place_of, plan_of, split_at
from .signing import shown_cell, signed_cell, signed_notebook
from .validating import is_valid


class CannotSplice(Exception):
    """This notebook, or this place, is for the ordinary way of saving. Nothing was written."""


@dataclass(frozen=True, slots=True)
class CellForm:
    """What becomes of a cell when its notebook is saved.

    Attributes:
        text: of the cell in the file.
        signed: what the signature takes of the cell, without the mark of trust.
        shown: what decides whether the cell is trusted: a cell with little more in its outputs than their types.
        is_final: whether another save would have it so, too; not when an artifact of a picture could not be read.
    """

    text: Pieces
    signed: Pieces
    shown: dict[str, Any]
    is_final: bool


class FileForm:
    """What becomes of a notebook when it is saved; of a cell that nobody has changed, it is known from the last save.

    Args:
        archive: of the notebook.
        notebook: in the document's form; it is not changed.
        file_max_bytes: an output with a larger part stays a reference; None for none.

    Attributes:
        cells: in order.
        pieces: what the file consists of, in order; byte for byte what nbformat writes, the originals to be put in.

    Raises:
        CannotSplice: nbformat has something to say about the notebook, or a reference must not be written, since the
            file may have the only original.
    """

    def __init__(self, archive: Archive, notebook: Mapping[str, Any], file_max_bytes: int | None) -> None:
        if notebook.get("nbformat") != 4:
            raise CannotSplice
        self._archive = archive
        self._notebook = notebook
        self._file_max_bytes = file_max_bytes
        try:
            self.cells = self._formed(notebook["cells"])
            self.pieces = notebook_text(notebook, [cell.text for cell in self.cells])
        except UnicodeEncodeError as error:  # half a character, which JSON can hold and a file cannot
            raise CannotSplice from error

    @cached_property
    def plan(self) -> str:
        """Equal for files with equal texts."""
        return plan_of(self.pieces)

    def signed(self) -> Iterator[bytes | OutputPiece]:
        """What the notebook's signature takes, in nbformat's order. Raises UnicodeEncodeError."""
        return signed_notebook(self._notebook, (cell.signed for cell in self.cells))

    def is_trusted(self, notary: Any) -> bool:
        """Whether *notary* trusts the notebook as its file is to have it."""
        cells = [{**cell.shown, "metadata": dict(cell.shown["metadata"])} for cell in self.cells]
        return bool(notary.check_cells(nbformat.NotebookNode({**self._notebook, "cells": cells})))

    def _formed(self, cells: Sequence[Mapping[str, Any]]) -> list[CellForm]:
        asked = self._file_max_bytes, self._notebook.get("nbformat_minor")
        known = [_found_out(cell, asked) for cell in cells]
        new = [number for number, form in enumerate(known) if form is None]
        forms = iter(self._new([cells[number] for number in new]))
        for number in new:
            form = known[number] = next(forms)
            cell = cells[number]
            if isinstance(cell, CellSnapshot) and form.is_final:
                cell.found_out[FileForm] = asked, form
        return [form for form in known if form is not None]

    def _new(self, cells: Sequence[Mapping[str, Any]]) -> list[CellForm]:
        """Made together, which takes less time than one by one."""
        token = secrets.token_hex(16)
        separate: list[OutputPiece] = []
        if not is_valid({**self._notebook, "cells": list(cells)}):
            raise CannotSplice
        in_file = [self._in_file(cell) for cell in cells]
        placed = []
        for cell, pieces, _ in in_file:
            if any(pieces):
                outputs = list(cell["outputs"])
                for number, piece in enumerate(pieces):
                    if piece is not None:
                        outputs[number] = place_of(token, len(separate))
                        separate.append(piece)
                cell = {**cell, "outputs": outputs}
            placed.append(cell)
        texts = cell_texts(placed)
        return [
            CellForm(
                tuple(split_at(token, text, separate)),
                coalesced(signed_cell(cell, pieces)),
                shown_cell(cell, pieces),
                not unread,
            )
            for text, (cell, pieces, unread) in zip(texts, in_file, strict=True)
        ]

    def _in_file(self, cell: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[OutputPiece | None], Sequence[Digest]]:
        """A cell with the references that stay, those of its outputs that do not, and what could not be read now."""
        if not cell.get("outputs"):
            return cell, [], []
        outputs: list[Any] = []
        pieces: list[OutputPiece | None] = []
        unread: list[Digest] = []
        for output in cell["outputs"]:
            reference = reference_in(output) if isinstance(output, Mapping) else None
            is_separate = reference is not None and not self._archive.policy.leaves_file(
                reference, self._file_max_bytes
            )
            if reference is not None and not is_separate:
                if self._archive.lost(output):
                    raise CannotSplice  # the ordinary way looks for it in the file
                output = self._archive.referring(output, unread=unread)
            outputs.append(output)
            pieces.append(OutputPiece(key_of(output), output) if is_separate else None)
        return {**cell, "outputs": outputs}, pieces, unread


def _found_out(cell: Any, asked: Any) -> CellForm | None:
    if not isinstance(cell, CellSnapshot):
        return None
    of, form = cell.found_out.get(FileForm, (None, None))
    return form if of == asked else None
