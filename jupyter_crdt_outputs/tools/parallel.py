"""Many items through a few threads, as they come: in constant memory, and without waiting when interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4
_BATCH = 64
_BATCH_BYTES = 1 << 24


def in_threads(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """The results of *function*, each as soon as it is there. *items* are taken a few ahead of the threads.

    Raises the first error that *function* raises. When the caller leaves early, nothing new is begun, and what
    is under way is not waited for.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="tools")
    running: set[Future[R]] = set()
    try:
        for item in items:
            running.add(pool.submit(function, item))
            if len(running) >= threads * _AHEAD:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def in_batches(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Small items together, since each task costs as much as a small item; a large one by itself."""
    batch: list[T] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= _BATCH or size + size_of(item) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += size_of(item)
    if batch:
        yield batch
