"""The store behind the spool, when it can be had."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ..verified_store import VerifiedStore
from .breaker import Breaker

T = TypeVar("T")


class Remote:
    """Opens the store at the first use, and again after a failure. Thread-safe.

    Args:
        open_: the store. Raises :class:`StoreUnavailable`.
    """

    def __init__(self, open_: Callable[[], VerifiedStore]) -> None:
        self._open = open_
        self._store: VerifiedStore | None = None
        self._lock = threading.Lock()
        self._breaker = Breaker()

    def opened(self) -> VerifiedStore:
        """The store itself. Raises :class:`StoreUnavailable`."""
        with self._lock:
            if self._store is None:
                self._store = self._open()
            return self._store

    def ask(self, question: Callable[[VerifiedStore], T]) -> T:
        """What the store answers to somebody who reads; :class:`StoreUnavailable` at once while it does not answer."""
        with self._breaker.call():
            return question(self.opened())
