"""A notebook, its cells and their outputs, as programs and agents read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidRequest
from .json_form import known, to_json
from .links import Links, fill

MOST_OUTPUTS = 100
"""Of a cell; more are left out in the middle."""


@dataclass(frozen=True, slots=True)
class PartView:
    """One representation of an output, or its text as a file.

    Attributes:
        mime: the MIME type.
        size: bytes.
        sha256: of these bytes; None where they are not at hand.
        width: pixels, of images whose header says so.
        height: pixels.
        inline: whether it is in the notebook itself and not in the store, so that there is no artifact to fetch.
    """

    mime: str
    size: int
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class OutputView:
    """One output of a cell.

    Attributes:
        index: among the cell's outputs.
        type: ``stream``, ``error``, ``display_data``, ``execute_result``, or as it was found.
        name: of a stream.
        mime: what the text was made from, if it is not ``text/plain``.
        text: without escapes; for an error, the traceback.
        left_out: bytes that are missing in the middle of the text.
        size: bytes of a long stream.
        lines: of a long stream.
        live: whether the stream is still being written.
        stream: what a long stream is called by ``…/streams/<id>``.
        ename: of an error.
        evalue: of an error.
        parts: what else there is to fetch.
        note: why there is less than there should be.
    """

    index: int = 0
    type: str = "unknown"
    name: str | None = None
    mime: str | None = None
    text: str | None = None
    left_out: int = 0
    size: int | None = None
    lines: int | None = None
    live: bool = False
    stream: str | None = None
    ename: str | None = None
    evalue: str | None = None
    parts: tuple[PartView, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell.

    Attributes:
        index: among all cells of the notebook, from 0.
        id: of the cell; empty in notebooks that have none.
        type: ``code``, ``markdown`` or ``raw``.
        execution_count: of a code cell that was run.
        state: of a code cell that is not at rest: ``running``, also while it is queued.
        source: if it was asked for.
        source_left_out: bytes that are missing in the middle of a source that is very long.
        outputs: in order.
        outputs_left_out: how many are missing in the middle of very many.
    """

    index: int
    id: str
    type: str = "code"
    execution_count: int | None = None
    state: str | None = None
    source: str | None = None
    source_left_out: int = 0
    outputs: tuple[OutputView, ...] = ()
    outputs_left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        found: dict[str, Any] = to_json(self)
        return found


@dataclass(frozen=True, slots=True)
class NotebookView:
    """A notebook, or some of its cells.

    Attributes:
        path: below the server's root.
        cells_in_all: how many it has.
        links: see :class:`Links`.
        cells: those that were asked for, in order.
        room: the id of its room, if it is open.
        kernel: name of its kernelspec, if it says so.
        language: likewise.
    """

    path: str
    cells_in_all: int
    links: Links
    cells: tuple[CellView, ...] = ()
    room: str | None = None
    kernel: str | None = None
    language: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        found: dict[str, Any] = to_json(self)
        return found | {"cells": found.get("cells", [])}

    @classmethod
    def parse(cls, value: object) -> NotebookView:
        """Take back what :meth:`to_json` gave. Raises InvalidRequest."""
        try:
            given = known(cls, value)
            cells = tuple(map(_parse_cell, given.pop("cells", ())))
            return cls(**given | {"links": Links(**known(Links, given["links"])), "cells": cells})
        except (TypeError, KeyError, AttributeError) as error:
            raise InvalidRequest(f"not the view of a notebook: {error}") from error

    def url_of(self, cell: CellView, output: OutputView, part: PartView) -> str:
        """Where the bytes of a part are."""
        if part.inline or part.sha256 is None:
            at = {"cell": cell_name(cell), "output": str(output.index), "mime": part.mime}
            return fill(self.links.part, at)
        return fill(self.links.artifact, {"sha256": part.sha256, "mime": part.mime})

    def __iter__(self) -> Iterator[tuple[CellView, OutputView]]:
        return ((cell, output) for cell in self.cells for output in cell.outputs)


def cell_name(cell: CellView) -> str:
    """What a cell is called in an address: its id, or its index where it has none."""
    return cell.id or f"#{cell.index}"


def _parse_cell(value: object) -> CellView:
    given = known(CellView, value)
    return CellView(**given | {"outputs": tuple(map(_parse_output, given.get("outputs", ())))})


def _parse_output(value: object) -> OutputView:
    given = known(OutputView, value)
    parts = tuple(PartView(**known(PartView, part)) for part in given.get("parts", ()))
    return OutputView(**given | {"parts": parts})
