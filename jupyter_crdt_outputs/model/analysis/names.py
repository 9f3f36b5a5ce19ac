"""Which names a cell deals in: what it reads before it has set it, and what it leaves behind for other cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a cell, at its top level.

    Attributes:
        reads: what it may read before it has surely set it itself.
        writes: what it may set, change in place or delete.
        binds: those of *writes* that have surely a new value after it, whatever there was before.
        by_method: those of *writes* that are only changed in place, by a method: which is none when it is a module's.
        lasting: those of *writes* that are the same again whenever it runs, as what an import or a function's
            definition gives, with a fingerprint of what gives them.
        needs: for some of *lasting*, the names that these are made of, as a class is of its bases.
        later: for some of *writes*, the names that are read when that one is used: a function's globals.
        later_writes: the same for names that are set or changed then.
        reads_any: whether it may read what cannot be told.
        writes_any: whether it may set what cannot be told.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    by_method: frozenset[str] = frozenset()
    lasting: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    later: Mapping[str, frozenset[str]] = field(default_factory=dict)
    later_writes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reads_any: bool = False
    writes_any: bool = False


MODULE = "import "
"""What fingerprints of modules begin with."""

DYNAMIC = frozenset({"exec", "eval", "globals"})
"""Whoever uses these may read anything, and, but for ``eval``, set anything."""

NONE = Names()
"""Of a cell that does nothing."""

ANY = Names(reads_any=True, writes_any=True)
"""Of a cell that cannot be read: all that is known of it is where it stands."""
