"""When something was, and what it is called."""

from __future__ import annotations

import time
from functools import lru_cache

from ulid import ULID


def now() -> str:
    """The time, UTC, in ISO 8601 with microseconds."""
    seconds, microseconds = divmod(time.time_ns() // 1_000, 1_000_000)
    return f"{_until_seconds(seconds)}.{microseconds:06}Z"


@lru_cache(maxsize=1)
def _until_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def new_id() -> str:
    """A ULID, later than any that this process made before."""
    return str(ULID())
