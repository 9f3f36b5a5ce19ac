"""Cells of a notebook as they can be edited: what ``…/cells`` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import InvalidRequest
from .sources import source_digest


@dataclass(frozen=True, slots=True)
class CellSource:
    """One cell.

    Attributes:
        index: among all cells of the notebook, from 0.
        id: of the cell.
        type: ``code``, ``markdown`` or ``raw``; or as it was found.
        source: all of it.
        sha256: of the source in UTF-8: what an edit is given, to say what was seen.
        tags: of the cell.
        execution_count: of a code cell that was run.
        execution_state: of a code cell; ``running``, also while it is queued.
        editable: False when the cell's metadata says that its source and its type stay.
        deletable: False when it says that the cell stays.
    """

    index: int
    id: str
    type: str
    source: str
    sha256: str
    tags: tuple[str, ...] = ()
    execution_count: int | None = None
    execution_state: str | None = None
    editable: bool = True
    deletable: bool = True

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"tags": list(self.tags)}

    @classmethod
    def parse(cls, value: object) -> CellSource:
        """Take back what :meth:`to_json` gave; keys of later versions are passed over. Raises InvalidRequest."""
        given = value if isinstance(value, Mapping) else {}
        known = {each.name: given[each.name] for each in fields(cls) if each.name in given}
        try:
            return cls(**known | {"tags": tuple(known.get("tags") or ())})
        except TypeError as error:
            raise InvalidRequest(f"not a cell: {error}") from error


@dataclass(frozen=True, slots=True)
class CellSources:
    """A notebook, or some of its cells.

    Attributes:
        path: below the server's root.
        room: the id of its room, if it is open.
        cells_in_all: how many it has.
        cells: those that were asked for, in order.
    """

    path: str
    room: str | None
    cells_in_all: int
    cells: tuple[CellSource, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        told = {"path": self.path, "room": self.room, "cells_in_all": self.cells_in_all}
        return told | {"cells": [cell.to_json() for cell in self.cells]}

    @classmethod
    def parse(cls, value: object) -> CellSources:
        """Take back what :meth:`to_json` gave. Raises InvalidRequest."""
        given = value if isinstance(value, Mapping) else {}
        try:
            cells = tuple(map(CellSource.parse, given["cells"]))
            return cls(str(given["path"]), given["room"], int(given["cells_in_all"]), cells)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRequest(f"not the cells of a notebook: {error}") from error


def digest_text(source: str) -> str:
    """The digest of a source, as :class:`CellSource` has it."""
    return source_digest(source).hex
