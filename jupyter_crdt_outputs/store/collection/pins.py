"""Pins: artifacts that stay although nothing refers to them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from ...model.digest import Digest
from ..records import Records, digests_named

KIND = "pins"


def pin(records: Records, digest: Digest, note: str = "", clock: Callable[[], float] = time.time) -> None:
    """Keep *digest* whatever refers to it; durable and idempotent. Says nothing about whether the store holds it.

    Args:
        records: of the store.
        digest: the artifact.
        note: why, for people.
        clock: POSIX seconds.
    """
    records.write(KIND, digest.hex, json.dumps({"note": note, "pinned": clock()}).encode())


def unpin(records: Records, digest: Digest) -> None:
    """Let *digest* go as others do; idempotent."""
    records.delete(KIND, digest.hex)


def pins_of(records: Records) -> set[Digest]:
    """Every pinned artifact."""
    return digests_named(records, KIND)
