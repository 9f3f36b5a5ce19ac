"""Not asking again and again what does not answer."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...errors import StoreFull, StoreUnavailable

_TOLERATED = 3
_SHORTEST_S = 0.5
_LONGEST_S = 15.0


class Breaker:
    """Calls pass while they succeed. After three failures in a row one call at a time may try, ever more rarely.

    The circuit breaker of M. Nygard's "Release It!"; how long it stays open is drawn at random below a limit that
    doubles up to 15 s, so that a thousand servers do not ask a store that comes back at the same moment.

    Thread-safe.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._openings = 0
        self._closed_until = 0.0
        self._error: StoreFull | StoreUnavailable | None = None

    @property
    def trouble(self) -> str:
        """What the last call failed with; empty when it succeeded."""
        error = self._error
        return str(error) if error else ""

    def wait_s(self) -> float:
        """Seconds until a call may be tried; 0 for now."""
        with self._lock:
            return max(0.0, self._closed_until - self._clock()) if self._openings else 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Do inside what may fail.

        Raises:
            StoreFull, StoreUnavailable: what it fails with; without being tried, what the last one failed with.
        """
        opening = self._admit()
        try:
            yield
        except (StoreFull, StoreUnavailable) as error:
            self._failed(error, opening)
            raise
        except BaseException:
            self._answered()
            raise
        self._answered()

    def _admit(self) -> int:
        with self._lock:
            if self._openings:
                now = self._clock()
                if now < self._closed_until:
                    raise type(self._error or StoreUnavailable())(self.trouble)
                self._closed_until = now + _LONGEST_S  # the others wait for this one
            return self._openings

    def _failed(self, error: StoreFull | StoreUnavailable, opening: int) -> None:
        with self._lock:
            self._error = error
            if opening != self._openings:
                return  # begun before the others found out
            self._failures += 1
            if self._failures >= _TOLERATED:
                self._openings += 1
                limit = min(_LONGEST_S, _SHORTEST_S * 2.0 ** min(self._openings, 10))
                self._closed_until = self._clock() + limit * random.uniform(0.5, 1)  # noqa: S311 (no secret)

    def _answered(self) -> None:
        with self._lock:
            self._failures = self._openings = 0
            self._error = None
