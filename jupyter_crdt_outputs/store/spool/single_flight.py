"""Doing what several callers want at the same time only once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class SingleFlight(Generic[K, R]):
    """Calls with a key that is under way wait for it, and share its result or its error. Named after Go's package."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[K, Future[R]] = {}

    def do(self, key: K, work: Callable[[], R]) -> R:
        """The result of *work*, of this call or of one that began before."""
        with self._lock:
            flight = self._flights.get(key)
            is_mine = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if is_mine:
            try:
                flight.set_result(work())
            except BaseException as error:
                flight.set_exception(error)
            finally:
                with self._lock:
                    del self._flights[key]
        return flight.result()
