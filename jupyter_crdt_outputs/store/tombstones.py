"""What was removed for good: the name stays, so that its place says why it is empty and its bytes are refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock

from ..errors import ArtifactRemoved, StoreUnavailable
from ..model.digest import Digest
from .records import Records, digests_named

KIND = "tombstones"
"""The kind of their records; a record is named as the artifact."""

REFRESH_S = 60.0
"""So long may another process not know of a new tombstone."""


class Tombstones:
    """The tombstones of one store, in memory, listed anew now and then. Thread-safe.

    Args:
        records: of the store.
        where: the store, for messages.
        clock: POSIX seconds.
    """

    def __init__(self, records: Records, where: str, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._where = where
        self._clock = clock
        self._lock = Lock()
        self._names: frozenset[Digest] = frozenset()
        self._listed_at = -REFRESH_S
        self._failures = 0
        self._failure: StoreUnavailable | None = None

    def add(self, digest: Digest, reason: str = "") -> None:
        """Refuse *digest* from now on, here at once and elsewhere within a minute. Durable; the first date stays.

        Args:
            digest: the artifact.
            reason: why, for people who ask for it.

        Raises:
            StoreFull, StoreUnavailable: nothing is refused.
        """
        content = {"removed": self._clock(), **({"reason": reason} if reason else {})}
        self._records.create(KIND, digest.hex, json.dumps(content).encode())
        with self._lock:
            self._names |= {digest}

    def among(self, digests: Iterable[Digest]) -> set[Digest]:
        """Those of *digests* that were removed. Costs nothing but, once a minute, a listing for one of the callers."""
        return set(digests) & self._known()

    def error(self, digest: Digest) -> ArtifactRemoved | None:
        """What to raise if *digest* was removed, asked anew; None if it was not."""
        content = self._records.read(KIND, digest.hex)
        if content is None:
            return None
        when = reason = ""
        with suppress(ValueError, KeyError, TypeError, OverflowError):
            fields = json.loads(content)
            when = f" on {datetime.fromtimestamp(fields['removed'], UTC):%Y-%m-%d}"
            reason = f" ({fields['reason']})" if fields.get("reason") else ""
        said = f"removed{when}{reason}: artifact {digest} was purged from the artifact store"
        final = "for good. Its bytes are not taken again."
        return ArtifactRemoved(f"{said} at {self._where} {final}", public=f"{said} {final}")

    def _known(self) -> frozenset[Digest]:
        failures = self._failures
        now = self._clock()
        if abs(now - self._listed_at) >= REFRESH_S and self._lock.acquire(blocking=self._listed_at < 0):
            try:
                if self._failure is not None and self._failures != failures:
                    raise self._failure  # found out while this thread waited: to ask again would take as long again
                if abs(now - self._listed_at) >= REFRESH_S:
                    self._list(now)
            finally:
                self._lock.release()
        return self._names

    def _list(self, now: float) -> None:
        try:
            self._names = frozenset(tombstones_of(self._records))
            self._failure = None
        except StoreUnavailable as error:
            if self._listed_at < 0:
                self._failures += 1
                self._failure = error
                raise
        self._listed_at = now


def tombstones_of(records: Records) -> set[Digest]:
    """Every tombstone in a store, listed anew."""
    return digests_named(records, KIND)
