"""Folders of notebooks that no server has as its root, and that a collection is to respect all the same."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from ..store.collection.marking import Marker
from ..store.collection.members import Member, member_id, register
from ..store.collection.roots import FileRoots
from .place import Place
from .refused import Refused

_NO_DATA = Path(os.devnull)
"""A folder alone has no history, no journals and no logs."""


def reached_by(roots: Sequence[Path]) -> int:
    """How many artifacts the notebooks below *roots* refer to, at least. Writes nothing.

    Raises:
        RootUnreadable: nobody knows.
    """
    return len({found.digest for root in roots for found in FileRoots([root], _NO_DATA)()})


def mark(place: Place, roots: Sequence[Path]) -> None:
    """Have each folder be a member of the store, and say what its notebooks refer to, as a server does for its own.

    Raises:
        RootUnreadable, StoreUnavailable, StoreFull: nothing that they may need is collected.
    """
    for root in roots:
        host = socket.gethostname()
        member = Member(member_id(host, "", str(root)), host, "", str(root), time.time())
        register(place.blobs.records, member)
        Marker(place.blobs.records, member.id, place.store, [FileRoots([root], _NO_DATA)]).mark()


def checked(roots: Sequence[Path]) -> list[Path]:
    """The same, as they are named in the store. Raises :class:`Refused` for what is no folder."""
    for root in roots:
        if not root.is_dir():
            raise Refused(f"there is no folder {root} to look for notebooks in")
    return [root.resolve() for root in roots]
