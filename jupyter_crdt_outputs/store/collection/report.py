"""What a collection found and did, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Fate(Enum):
    """What becomes of a blob, and why; the value is its name in JSON."""

    MARKED = "marked"
    """Stays: a document or a file of some member refers to it."""

    PINNED = "pinned"
    """Stays: somebody said so."""

    YOUNG = "young"
    """Stays: it was written or touched within grace of some member's word."""

    UNDATED = "undated"
    """Stays: the file system does not say how old it is."""

    TRASHED = "trashed"
    """Goes to the trash: nothing has referred to it for a grace period."""

    WAITING = "waiting"
    """Stays in the trash."""

    RESTORED = "restored"
    """Comes back from the trash, since something refers to it."""

    DOUBLE = "double"
    """Goes from the trash: the artifact itself is in use."""

    REMOVED = "removed"
    """Goes from the trash for good, after another grace period."""

    REFUSED = "refused"
    """Goes at once: it was purged, and somebody who did not know wrote it again."""


@dataclass(slots=True)
class Tally:
    """How many blobs and how many bytes."""

    count: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        """One more."""
        self.count += 1
        self.bytes += size


@dataclass(frozen=True, slots=True)
class MemberReport:
    """What a collector knows of a member.

    Attributes:
        id: of the member.
        host: its machine.
        root_dir: where its notebooks are.
        since: when it was registered, in POSIX seconds.
        marked: when it began its newest mark; None if it has none, in which case it keeps everything younger.
        reaches: how many artifacts are in that mark.
    """

    id: str
    host: str
    root_dir: str
    since: float
    marked: float | None
    reaches: int


@dataclass(slots=True)
class Report:
    """What a collection found and did, or would do.

    Attributes:
        is_dry: whether nothing was done.
        cutoff: what was touched before this may go, in POSIX seconds; None: nothing may, since no server has ever
            registered with this store.
        members: all of them; the one with the earliest word holds up the others.
        tallies: by what becomes of a blob.
    """

    is_dry: bool
    cutoff: float | None
    members: list[MemberReport] = field(default_factory=list)
    tallies: dict[Fate, Tally] = field(default_factory=lambda: {fate: Tally() for fate in Fate})

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "dry_run": self.is_dry,
            "cutoff": self.cutoff,
            "members": [asdict(member) for member in self.members],
            **{fate.value: asdict(tally) for fate, tally in self.tallies.items()},
        }
