"""What the notebooks of a server share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..store.archive import Archive
from ..streams.logs import Logs
from .announcements import Announcements
from .background import Background
from .filling import Filler, LackingRooms, UnfinishedRooms
from .journal import Journals
from .restoring import Restoring
from .rooms import Rooms
from .snapshot_memory import SnapshotMemory


@dataclass(frozen=True, slots=True)
class Host:
    """What the notebooks of a server share.

    Attributes:
        archive: where bulk goes.
        logs: where long streams go.
        rooms: the open notebooks.
        journals: what a killed server had not put into its history.
        filler: fills open notebooks with the outputs of their files.
        lacking: which of them are not filled yet.
        unfinished: which of them a server that died had not filled yet.
        announcements: told of every document's awareness.
        restoring: puts it back for files.
        refers: called with a notebook as it is in its document, whenever it is loaded or saved.
        background: does what nobody waits for.
        snapshots: what is held of their cells between two saves.
    """

    archive: Archive
    logs: Logs
    rooms: Rooms
    journals: Journals
    filler: Filler
    lacking: LackingRooms
    unfinished: UnfinishedRooms
    announcements: Announcements
    restoring: Restoring
    refers: Callable[[Mapping[str, Any]], None]
    background: Background
    snapshots: SnapshotMemory = field(default_factory=SnapshotMemory)
