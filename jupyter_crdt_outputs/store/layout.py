"""Where an artifact lies inside its store: ``sha256/ab/abcdef…``.

The first two digits make a folder, because a folder of a million files is slow to list and to synchronise on many
file systems, and 256 folders are not. The name still is the whole digest, so that a file found anywhere tells what it
must contain and can be checked with ``sha256sum``. The outermost folder leaves room for another hash one day, and for
siblings that are no artifacts.
"""

from __future__ import annotations

from ..errors import InvalidDigest
from ..model.digest import Digest

ARTIFACTS = "sha256"
"""The folder of all artifacts, directly in the root of the store."""

TEMPORARY = "tmp"
"""The folder of what is being written: in the same file system, so that a rename is atomic."""

COMMITS = "commits"
"""The folder of a local store's commit files, see :mod:`.commit_log`."""


def shard_of(digest: Digest) -> str:
    """The name of the folder that holds *digest*, inside ``ARTIFACTS``."""
    return digest.hex[:2]


def key_of(digest: Digest) -> str:
    """The path of *digest* relative to the root of the store, with ``/`` between its parts."""
    return f"{ARTIFACTS}/{shard_of(digest)}/{digest.hex}"


def digest_of(shard: str, name: str) -> Digest | None:
    """The digest of the file *name* in the folder *shard*; None for a file that is no artifact of ours."""
    try:
        digest = Digest.parse(name)
    except InvalidDigest:
        return None
    return digest if shard_of(digest) == shard else None
