"""Where things lie inside a store: an artifact at ``sha256/ab/abcdef…``.

The first two digits make a folder, because a folder of a million files is slow to list and to synchronise on many
file systems, and 256 folders are not. The name still is the whole digest, so that a file found anywhere tells what it
must contain and can be checked with ``sha256sum``. The outermost folder leaves room for another hash one day, and for
siblings that are no artifacts.
"""

from __future__ import annotations

from enum import Enum

from ..errors import InvalidDigest
from ..model.digest import Digest


class Area(Enum):
    """Where a blob may lie; the value is the name of the folder, directly in the root of the store."""

    ARTIFACTS = "sha256"
    """What the store holds."""

    TRASH = "trash"
    """What nothing refers to, as far as anybody knows: one look brings it back, time takes it."""

    QUARANTINE = "quarantine"
    """What does not hash to its name: kept for whoever wants to know why, never shown."""


SHARDS = tuple(f"{number:02x}" for number in range(256))
"""The folders of an area."""

TEMPORARY = "tmp"
"""The folder of what is being written: in the same file system, so that a rename is atomic."""

COMMITS = "commits"
"""The folder of a local store's commit files, see :mod:`.local.commit_log`."""

TOUCHED = "touched"
"""The folder of empty files, sharded as an area, whose age is that of a blob where no blob's age can be set."""

RECORDS = "records"
"""The folder of what housekeeping writes down, see :mod:`.records`."""


def shard_of(digest: Digest) -> str:
    """The name of the folder that holds *digest*, inside its area."""
    return digest.hex[:2]


def key_of(digest: Digest, area: Area = Area.ARTIFACTS) -> str:
    """The path of *digest* relative to the root of the store, with ``/`` between its parts."""
    return f"{area.value}/{shard_of(digest)}/{digest.hex}"


def digest_of(shard: str, name: str) -> Digest | None:
    """The digest of the file *name* in the folder *shard*; None for a file that is no artifact of ours."""
    try:
        digest = Digest.parse(name)
    except InvalidDigest:
        return None
    return digest if shard_of(digest) == shard else None
