"""What a store has still to do, for people to see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreState:
    """How things stand at one moment.

    Attributes:
        waiting: artifacts that are durable on this server and not yet in the store.
        waiting_bytes: their bytes.
        trouble: why they are not there, a sentence for people; empty while nothing is wrong.
        used_bytes: what the store holds, as far as this server knows; None when nobody has counted.
        quota_bytes: what it may hold; None for as much as fits.
    """

    waiting: int = 0
    waiting_bytes: int = 0
    trouble: str = ""
    used_bytes: int | None = None
    quota_bytes: int | None = None
