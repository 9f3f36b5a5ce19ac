"""Doing one thing to many items at once, where the time goes into waiting for a disk or a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
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
    threads = min(_THREADS, len(todo))
    if threads <= 1:
        return [function(item) for item in todo]
    with ThreadPoolExecutor(threads, thread_name_prefix="artifacts") as pool:
        # Every thread goes over its share by itself: handing items out one by one would cost more than a small one.
        shares = list(
            pool.map(lambda first: [_attempt(function, item) for item in todo[first::threads]], range(threads))
        )
    outcomes = [shares[index % threads][index // threads] for index in range(len(todo))]
    return [outcome.result() for outcome in outcomes]


def _attempt(function: Callable[[T], R], item: T) -> Future[R]:
    outcome: Future[R] = Future()
    try:
        outcome.set_result(function(item))
    except BaseException as error:
        outcome.set_exception(error)
    return outcome
