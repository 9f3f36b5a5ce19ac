"""Reading ahead of a writer, in order, with a bound on what is held."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

_THREADS = 8
_AHEAD_BYTES = 1 << 25


def _as_it_is(data: bytes) -> bytes:
    return data


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bytes that are yet to be read.

    Attributes:
        size: of what is held for it, in bytes.
        read: gets them, in any thread.
        then: makes of them what is written; called one after another, in order.
    """

    size: int
    read: Callable[[], bytes]
    then: Callable[[bytes], bytes] = _as_it_is


def in_order(pieces: Iterable[bytes | Fetch]) -> Iterator[bytes]:
    """The bytes of all *pieces*, while those that come after are read. *pieces* is asked for no more than it must.

    Raises what a :class:`Fetch` raises, when its turn comes.
    """
    waiting: deque[tuple[bytes | Fetch, Future[bytes] | None]] = deque()
    held = 0
    todo = iter(pieces)
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ahead")
    try:
        while True:
            while held < _AHEAD_BYTES and (piece := next(todo, None)) is not None:
                waiting.append((piece, None if isinstance(piece, bytes) else pool.submit(piece.read)))
                held += len(piece) if isinstance(piece, bytes) else piece.size
            if not waiting:
                return
            piece, future = waiting.popleft()
            if isinstance(piece, bytes):
                held -= len(piece)
                data = piece
            else:
                assert future is not None
                data = piece.then(future.result())
                held -= piece.size
            if data:
                yield data
            del data
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
