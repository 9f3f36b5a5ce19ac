"""What the notebooks of a server share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..store.archive import Archive
from .announcements import Announcements
from .filling import Filler, LackingRooms
from .recovery import Recovery
from .restoring import Restoring
from .rooms import Rooms
from .snapshot_memory import SnapshotMemory


@dataclass(frozen=True, slots=True)
class Host:
    """What the notebooks of a server share.

    Attributes:
        archive: where bulk goes.
        rooms: the open notebooks.
        filler: fills open notebooks with the outputs of their files.
        lacking: which of them are not filled yet.
        recovery: decides between their histories and their files.
        announcements: told of every document's awareness.
        restoring: puts it back for files.
        refers: called with a notebook as it is in its document, whenever it is loaded or saved.
        snapshots: what is held of their cells between two saves.
    """

    archive: Archive
    rooms: Rooms
    filler: Filler
    lacking: LackingRooms
    recovery: Recovery
    announcements: Announcements
    restoring: Restoring
    refers: Callable[[Mapping[str, Any]], None]
    snapshots: SnapshotMemory = field(default_factory=SnapshotMemory)
