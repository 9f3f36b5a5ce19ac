"""What can be asked for to be done to the cells of a notebook: the shapes in which edits come over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from ..errors import InvalidRequest
from .digest import Digest
from .given import json_object, long_text
from .sources import seen_source

CellType = Literal["code", "markdown", "raw"]

MOST_CHARACTERS = 1 << 20
"""Of a source that is written."""
_LONGEST_ID = 1024
_LONGEST_TAG = 200
_MOST_TAGS = 100
_MOST_CELLS = 10**6


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


def _source(value: object) -> str:
    """A source as the editor of a browser would have it: it knows one kind of line end only."""
    return long_text(value, "source", MOST_CHARACTERS).replace("\r\n", "\n").replace("\r", "\n")


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
