"""Notebooks as programs and agents read them: what ``GET …/outputs`` answers, as types.

Fields that hold nothing are left out of the JSON, and so are a cell's type ``code`` and an output's index 0. A reader
passes over keys that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from urllib.parse import quote

from ..errors import InvalidRequest
from .plain_text import LEAST_CHARACTERS

DEFAULT_CHARACTERS = 4000
MOST_CHARACTERS = 1 << 17
MOST_OUTPUTS = 100
"""Of a cell; more are left out in the middle."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What of a notebook is asked for; everything, when no cells are named.

    Attributes:
        cell: id of one cell; or else
        index: of one cell among all, from the end when negative; or else
        start: of a range of cells, as of a slice in Python.
        stop: of that range.
        max_chars: of the text of each output.
        sources: whether to give the cells' sources, too.
    """

    cell: str | None = None
    index: int | None = None
    start: int | None = None
    stop: int | None = None
    max_chars: int = DEFAULT_CHARACTERS
    sources: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidRequest for what contradicts itself."""
        named = [self.cell is not None, self.index is not None, self.start is not None or self.stop is not None]
        if sum(named) > 1:
            raise InvalidRequest("give one of: cell (an id), index, or a range by start and stop")
        if not LEAST_CHARACTERS <= self.max_chars <= MOST_CHARACTERS:
            raise InvalidRequest(f"max_chars is a number from {LEAST_CHARACTERS} to {MOST_CHARACTERS}")

    def to_query(self) -> dict[str, str]:
        """As parameters of the request."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        texts = {name: str(value) for name, value in given.items() if value is not None and name != "sources"}
        return texts | ({"sources": "1"} if self.sources else {})


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
        found: dict[str, Any] = _to_json(self)
        return found


@dataclass(frozen=True, slots=True)
class Links:
    """Where to fetch more: addresses with names in braces for what is to be put there, each percent-encoded.

    Attributes:
        artifact: of a part that has a digest and is not inline; ``{sha256}``, ``{mime}``.
        part: of any part; ``{cell}``, ``{output}``, ``{mime}``.
        image: of an output that has a picture, ``{cell}``, ``{output}``; smaller with ``&max_pixels=`` or
            ``&max_bytes=``.
        lines: of the text of an output, ``{cell}``, ``{output}``; with ``&from=&count=`` or ``&tail=``.
        search: in that text, ``{cell}``, ``{output}``, ``{q}``.
        stream: all text of a long stream; ``{stream}``.
    """

    artifact: str
    part: str
    image: str
    lines: str
    search: str
    stream: str

    @classmethod
    def below(cls, root: str, notebook: Mapping[str, str]) -> Links:
        """Those of one notebook.

        Args:
            root: the address of our interface, with a slash at its end.
            notebook: the parameter that names it, ``path`` or ``room``.
        """
        named = "&".join(f"{key}={quote(value)}" for key, value in notebook.items())
        output = f"{named}&cell={{cell}}&output={{output}}"
        return cls(
            f"{root}artifacts/{{sha256}}?type={{mime}}",
            f"{root}outputs/part?{output}&type={{mime}}",
            f"{root}outputs/image?{output}",
            f"{root}outputs/lines?{output}",
            f"{root}outputs/search?{output}&q={{q}}",
            f"{root}streams/{{stream}}",
        )


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
        found: dict[str, Any] = _to_json(self)
        return found | {"cells": found.get("cells", [])}

    @classmethod
    def parse(cls, value: object) -> NotebookView:
        """Take back what :meth:`to_json` gave. Raises InvalidRequest."""
        try:
            given = _known(cls, value)
            cells = tuple(map(_parse_cell, given.pop("cells", ())))
            return cls(**given | {"links": Links(**_known(Links, given["links"])), "cells": cells})
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


def fill(link: str, names: Mapping[str, str]) -> str:
    """An address of :class:`Links` with the names filled in."""
    for name, value in names.items():
        link = link.replace(f"{{{name}}}", quote(value, safe="/" if name == "mime" else ""))
    return link


def cell_name(cell: CellView) -> str:
    """What a cell is called in an address: its id, or its index where it has none."""
    return cell.id or f"#{cell.index}"


def _to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_to_json(each) for each in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    given = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: _to_json(item) for each, item in given if item != each.default}


def _known(kind: type, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{kind.__name__} is an object")
    names = {each.name for each in fields(kind)}
    return {key: item for key, item in value.items() if key in names}


def _parse_cell(value: object) -> CellView:
    given = _known(CellView, value)
    return CellView(**given | {"outputs": tuple(map(_parse_output, given.get("outputs", ())))})


def _parse_output(value: object) -> OutputView:
    given = _known(OutputView, value)
    parts = tuple(PartView(**_known(PartView, part)) for part in given.get("parts", ()))
    return OutputView(**given | {"parts": parts})
