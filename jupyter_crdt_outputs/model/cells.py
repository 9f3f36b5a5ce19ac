"""Cells of a notebook as they can be edited: what ``…/cells`` answers, and what it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, cast, get_args

from ..errors import InvalidRequest
from .digest import Digest
from .executions import json_object, seen_source, source_digest

CellType = Literal["code", "markdown", "raw"]

MOST_CHARACTERS = 1 << 20
"""Of a source that is written."""
_LONGEST_ID = 1024
_LONGEST_TAG = 200
_MOST_TAGS = 100
_MOST_CELLS = 10**6


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


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where a cell is to be.

    Attributes:
        kind: what *value* is: the index that the cell has afterwards; the id of the cell below or above it; or nothing:
            it is the last.
        value: see *kind*.
    """

    kind: Literal["index", "above", "below", "end"] = "end"
    value: str | int = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> CellPlace:
        """Take one of ``index``, ``above`` and ``below`` from an object, or none. Raises :class:`InvalidRequest`."""
        kinds = [kind for kind in ("index", "above", "below") if given.get(kind) is not None]
        if not kinds:
            return cls()
        if len(kinds) > 1:
            raise InvalidRequest("give one of: index, above, below")
        kind, value = kinds[0], given[kinds[0]]
        if kind == "index":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_CELLS:
                raise InvalidRequest("index is the number of a cell, from 0")
        elif not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
            raise InvalidRequest(f"{kind} is the id of a cell")
        return cls(cast(Any, kind), value)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {} if self.kind == "end" else {self.kind: self.value}


@dataclass(frozen=True, slots=True)
class Insertion:
    """A cell to be inserted.

    Attributes:
        source: of the cell.
        type: of the cell.
        tags: of the cell.
        place: where.
    """

    source: str = ""
    type: CellType = "code"
    tags: tuple[str, ...] = ()
    place: CellPlace = CellPlace()

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"source": self.source, "type": self.type, "tags": list(self.tags)} | self.place.to_json()

    @classmethod
    def parse(cls, value: object) -> Insertion:
        """Take a request from outside. Raises :class:`InvalidRequest`, in words for whoever sent it."""
        given = json_object(value, "the request", {"source", "type", "tags", "index", "above", "below"})
        return cls(
            _source(given.get("source", "")),
            _type(given.get("type", "code")),
            _tags(given.get("tags", [])),
            CellPlace.of(given),
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be changed in a cell.

    Attributes:
        seen: digest of the source that the caller saw.
        source: the new one; None to leave it.
        type: the new one; None to leave it. A code cell of another type has no outputs any more.
        tags: all that it is to have; None to leave them.
    """

    seen: Digest
    source: str | None = None
    type: CellType | None = None
    tags: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        tags = None if self.tags is None else list(self.tags)
        changes = {"source": self.source, "type": self.type, "tags": tags}
        return {"seen": {"sha256": self.seen.hex}} | {key: item for key, item in changes.items() if item is not None}

    @classmethod
    def parse(cls, value: object) -> Edit:
        """Take a request from outside. Raises :class:`InvalidRequest`, in words for whoever sent it."""
        given = json_object(value, "the request", {"seen", "source", "type", "tags"})
        seen = seen_source(json_object(given.get("seen"), "seen", {"sha256", "source"}))
        if seen is None:
            raise InvalidRequest('seen is what you saw in the cell: {"sha256": …} or {"source": …}')
        source, type_, tags = (given.get(name) for name in ("source", "type", "tags"))
        if source is None and type_ is None and tags is None:
            raise InvalidRequest("give what is to be changed: source, type or tags")
        return cls(
            seen,
            None if source is None else _source(source),
            None if type_ is None else _type(type_),
            None if tags is None else _tags(tags),
        )


def digest_text(source: str) -> str:
    """The digest of a source, as :class:`CellSource` has it."""
    return source_digest(source).hex


def _source(value: object) -> str:
    """A source as the editor of a browser would have it: it knows one kind of line end only."""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise InvalidRequest(f"source is a string of up to {MOST_CHARACTERS} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("source holds half a character (a lone surrogate)") from error
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _type(value: object) -> CellType:
    if value not in get_args(CellType):
        raise InvalidRequest(f"type is one of: {', '.join(get_args(CellType))}")
    return cast(CellType, value)


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_TAGS:
        raise InvalidRequest(f"tags is a list of up to {_MOST_TAGS} strings")
    for tag in value:
        is_word = isinstance(tag, str) and tag.strip() and tag.isprintable() and "," not in tag
        if not is_word or len(tag) > _LONGEST_TAG:
            raise InvalidRequest(f"a tag is a word without commas of up to {_LONGEST_TAG} characters")
    return tuple(dict.fromkeys(tag.strip() for tag in value))
