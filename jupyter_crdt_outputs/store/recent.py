"""A mapping that forgets what was not asked for lately."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The *capacity* most recently used entries. Thread-safe.

    Not ``functools.lru_cache``: entries are facts that turn false, so they must be put and dropped by hand.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The entry, now the most recently used one; None when there is none."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def __contains__(self, key: K) -> bool:
        """Whether there is an entry; it is used by that as by :meth:`get`."""
        with self._lock:
            if key not in self._entries:
                return False
            self._entries.move_to_end(key)
            return True

    def put(self, key: K, value: V) -> None:
        """Remember *value*, and forget the least recently used entry when there are too many."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget the entry if there is one."""
        with self._lock:
            self._entries.pop(key, None)
