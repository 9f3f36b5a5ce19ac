"""A deadline for every call on a remote file system, whatever its driver thinks of waiting.

Drivers wait for very long: s3fs was seen to wait 44 minutes for a PUT whose packets nobody answered.
"""

from __future__ import annotations

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.asyn import AsyncFileSystem

_GRACE_S = 2.0  # for a driver to take notice of being cancelled
_CONNECTIONS = 8  # OpenSSH drops logins when more than ten are on their way
_ABANDONED = 16


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long one call may take.

    Attributes:
        base_s: seconds for a call that moves nothing.
        bytes_per_s: the slowest network that is waited for, in bytes per second.
    """

    base_s: float = 10.0
    bytes_per_s: float = 256 * 1024

    def seconds(self, moved: int) -> float:
        """For a call that moves *moved* bytes."""
        return self.base_s + moved / self.bytes_per_s


class Calls(ABC):
    """Calls on a file system that end by their deadline. Thread-safe, and many at once."""

    @abstractmethod
    def __call__(self, method: str, *arguments: Any, moved: int = 0, **options: Any) -> Any:
        """Call *method* of the file system.

        Args:
            method: the name, as in fsspec.
            arguments: as the method takes them.
            moved: how many bytes go over the network.
            options: as the method takes them.

        Raises:
            TimeoutError: the deadline has passed. What was asked for may still happen.
        """


def calls_on(source: AbstractFileSystem | Callable[[], AbstractFileSystem], deadline: Deadline) -> Calls:
    """Calls on *source*: a file system, or what connects to one and is called for every connection."""
    if isinstance(source, AsyncFileSystem):
        return _AsyncCalls(source, deadline)
    if isinstance(source, AbstractFileSystem):
        return _ThreadCalls(lambda: source, deadline, shared=True)
    return _ThreadCalls(source, deadline, shared=False)


class _AsyncCalls(Calls):
    """Calls on the event loop of an asynchronous file system, where a call can really be cancelled."""

    def __init__(self, filesystem: AsyncFileSystem, deadline: Deadline) -> None:
        self._filesystem = filesystem
        self._deadline = deadline

    def __call__(self, method: str, *arguments: Any, moved: int = 0, **options: Any) -> Any:
        limit = self._deadline.seconds(moved)
        late = f"no answer within {limit:.3g} s"
        function = getattr(self._filesystem, f"_{method}")

        async def call() -> Any:
            async with asyncio.timeout(limit) as timeout:
                try:
                    return await function(*arguments, **options)
                except Exception:
                    if timeout.expired():  # some drivers make an error of their own of being cancelled
                        raise TimeoutError(late) from None
                    raise

        future = asyncio.run_coroutine_threadsafe(call(), self._filesystem.loop)
        try:
            return future.result(limit + _GRACE_S)
        except TimeoutError as error:
            future.cancel()
            raise TimeoutError(str(error) or late) from error


class _ThreadCalls(Calls):
    """Calls in threads. One that misses its deadline is left behind, and its connection with it.

    At most eight run at once, each on a connection of its own, since drivers such as paramiko's are not
    thread-safe. A connection that failed is not used again, and a call that failed on a connection that had been idle,
    which a server may have closed, is tried on another one.
    """

    def __init__(self, connect: Callable[[], AbstractFileSystem], deadline: Deadline, *, shared: bool) -> None:
        self._connect = connect
        self._deadline = deadline
        self._shared = shared
        self._idle: list[AbstractFileSystem] = []
        self._places = threading.BoundedSemaphore(_CONNECTIONS)
        self._abandoned = 0
        self._lock = threading.Lock()

    def __call__(self, method: str, *arguments: Any, moved: int = 0, **options: Any) -> Any:
        limit = self._deadline.seconds(moved)
        if self._abandoned >= _ABANDONED:
            raise TimeoutError(f"{_ABANDONED} earlier calls have not come back yet")
        end = time.monotonic() + limit
        if not self._places.acquire(timeout=limit):
            raise TimeoutError(f"no connection became free within {limit:.3g} s")
        try:
            answer: Future[Any] = Future()
            work = partial(self._answer, answer, method, arguments, options)
            threading.Thread(target=work, name="artifact-store-call", daemon=True).start()
            return self._wait_for(answer, end, f"no answer within {limit:.3g} s")
        finally:
            self._places.release()

    def _answer(self, answer: Future[Any], method: str, arguments: Any, options: Any) -> None:
        try:
            result, error = self._on_a_connection(method, arguments, options), None
        except BaseException as raised:
            result, error = None, raised
        with self._lock:
            if answer.cancelled():
                self._abandoned -= 1
            elif error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)

    def _wait_for(self, answer: Future[Any], end: float, late: str) -> Any:
        wait([answer], end - time.monotonic())
        with self._lock:
            if answer.cancel():
                self._abandoned += 1
                raise TimeoutError(late)
        return answer.result()

    def _on_a_connection(self, method: str, arguments: Any, options: Any) -> Any:
        while True:
            with self._lock:
                idle = self._idle.pop() if self._idle else None
            filesystem = idle or self._connect()
            try:
                result = getattr(filesystem, method)(*arguments, **options)
            except (FileNotFoundError, FileExistsError, PermissionError):
                self._keep(filesystem)
                raise
            except Exception:
                self._drop(filesystem)
                if idle is None or self._shared:
                    raise
            else:
                self._keep(filesystem)
                return result

    def _keep(self, filesystem: AbstractFileSystem) -> None:
        if not self._shared:
            with self._lock:
                self._idle.append(filesystem)

    def _drop(self, filesystem: AbstractFileSystem) -> None:
        client = getattr(filesystem, "client", None)
        if not self._shared and client is not None:
            with suppress(Exception):
                client.close()
