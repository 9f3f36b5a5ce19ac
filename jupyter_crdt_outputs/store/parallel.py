"""Doing one thing to many items at once, where the time goes into waiting for a disk or a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Enough for concurrent fsyncs to share the journal's commits and for a network's round trips to overlap. The pool
# lives for one call: nothing to close, and no threads between calls.
_THREADS = 8


def each(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """``[function(item) for item in items]``, in threads when there are several.

    Returns, or raises the first error in the order of *items*, only after every call has ended.
    """
    todo = list(items)
    if len(todo) <= 1:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(min(_THREADS, len(todo)), thread_name_prefix="artifacts") as pool:
        return list(pool.map(function, todo))
