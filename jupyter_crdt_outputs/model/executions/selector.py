"""Which cells of a notebook are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from ...errors import InvalidRequest
from ..digest import Digest
from ..given import LONGEST, json_object
from ..sources import seen_source


@dataclass(frozen=True, slots=True)
class Selector:
    """Some cells of a notebook. Those that hold no code are passed over, unless one is meant by name.

    Attributes:
        kind: what *value* is: the id of a cell; the index of one among all cells, from the end when negative; a tag;
            nothing, for all or for all that are stale; or the cell, by id or index, above which, or from which on, all
            are meant.
        value: see *kind*.
        sha256: of the source in UTF-8 that the caller saw, if a single cell is meant and that is to be checked.
    """

    kind: Literal["id", "index", "tag", "all", "above", "below", "stale"]
    value: str | int
    sha256: Digest | None = None

    @classmethod
    def parse(cls, value: object) -> Selector:
        """Take ``"all"`` or ``"stale"``, or an object with another kind as key. Raises :class:`InvalidRequest`."""
        if value in ("all", "stale"):
            return cls(cast(Any, value), "")
        given = json_object(value, "a selector of cells", {"id", "index", "tag", "above", "below", "sha256", "source"})
        kinds = [kind for kind in ("id", "index", "tag", "above", "below") if kind in given]
        if len(kinds) != 1:
            raise InvalidRequest('cells are "all", "stale", or objects with one of: id, index, tag, above, below')
        kind = kinds[0]
        allowed: tuple[type, ...] = {"index": (int,), "above": (str, int), "below": (str, int)}.get(kind, (str,))
        if isinstance(given[kind], bool) or not isinstance(given[kind], allowed) or len(str(given[kind])) > LONGEST:
            raise InvalidRequest(f"cells: {kind} cannot be {given[kind]!r:.80}")
        digest = seen_source(given)
        if digest is not None and kind not in ("id", "index"):
            raise InvalidRequest("the source can be given for single cells only, by id or index")
        return cls(cast(Any, kind), given[kind], digest)

    def to_json(self) -> Any:
        """The JSON form."""
        if self.kind in ("all", "stale"):
            return self.kind
        return {self.kind: self.value} | ({} if self.sha256 is None else {"sha256": self.sha256.hex})
