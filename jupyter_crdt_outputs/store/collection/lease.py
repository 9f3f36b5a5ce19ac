"""One collector at a time, as a courtesy: two do no harm, but the work of one."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...errors import CollectionRunning
from ..records import Records

KIND, NAME = "leases", "collection"

LASTS_S = 15 * 60.0
"""Several times as long as clocks may be off; a collector that was killed holds up the next one this long."""

_RENEWED_S = 60.0


class Lease:
    """A right that ends by itself unless it is renewed. Made by :func:`leased`."""

    def __init__(self, records: Records, clock: Callable[[], float]) -> None:
        self._records = records
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._renewed_at = 0.0

    def take(self) -> None:
        """Raises :class:`CollectionRunning` while somebody else has it."""
        if self._records.create(KIND, NAME, self._content()):
            return
        _, expires = self._found()
        if expires > self._clock():
            raise CollectionRunning(
                f"another collector is at work on this store, and has until {_time(expires)} UTC to say that it still "
                "is. Try again after that."
            )
        self._records.delete(KIND, NAME)
        if not self._records.create(KIND, NAME, self._content()):
            raise CollectionRunning("another collector has just begun to work on this store. Try again later.")

    def renew(self) -> None:
        """Say that the work goes on; costs nothing most of the time. Raises CollectionRunning if somebody took it."""
        if abs(self._clock() - self._renewed_at) < _RENEWED_S:
            return
        if self._found()[0] != self._holder:
            raise CollectionRunning("this collector took so long that another one has begun. Nothing is lost by that.")
        self._records.write(KIND, NAME, self._content())

    def give_back(self) -> None:
        """Let the next one begin at once."""
        if self._found()[0] == self._holder:
            self._records.delete(KIND, NAME)

    def _content(self) -> bytes:
        self._renewed_at = self._clock()
        return json.dumps({"holder": self._holder, "expires": self._renewed_at + LASTS_S}).encode()

    def _found(self) -> tuple[str, float]:
        try:
            fields = json.loads(self._records.read(KIND, NAME) or b"{}")
            return str(fields["holder"]), float(fields["expires"])
        except (ValueError, TypeError, KeyError):
            return "", 0.0


@contextmanager
def leased(records: Records, clock: Callable[[], float]) -> Iterator[Lease]:
    """Inside, other collectors wait.

    Raises:
        CollectionRunning: one is at work.
    """
    lease = Lease(records, clock)
    lease.take()
    try:
        yield lease
    finally:
        lease.give_back()


def _time(seconds: float) -> str:
    return time.strftime("%H:%M", time.gmtime(seconds))
