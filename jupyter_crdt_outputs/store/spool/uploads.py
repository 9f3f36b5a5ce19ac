"""Bringing what waits to where it belongs: several at once, oldest first, for as long as it takes."""

from __future__ import annotations

import logging
import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

from ...errors import StoreFull, StoreUnavailable
from ...model.digest import Digest
from .breaker import Breaker

_AT_ONCE = 32
_BYTES_AT_ONCE = 1 << 26
_PAUSE_S = 0.5


class Uploads:
    """A queue of artifacts, and the threads that empty it.

    An artifact stays in the queue until its upload has returned. What fails is tried again, in its old place. There
    are threads only while something waits.

    Args:
        upload: brings one artifact to the store; when it returns, it is there. Raises :class:`StoreUnavailable` or
            :class:`StoreFull` to be called again.
        changed: called, in any thread, when :attr:`waiting` or :attr:`trouble` became another.
        log: for administrators.
        at_once: how many uploads may be under way.
    """

    def __init__(
        self,
        upload: Callable[[Digest], None],
        changed: Callable[[], None],
        log: logging.Logger,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._upload = upload
        self._changed = changed
        self._log = log
        self._at_once = at_once
        self._breaker = Breaker()
        self._waiting: OrderedDict[Digest, int] = OrderedDict()
        self._under_way: dict[Digest, int] = {}
        self._waiting_bytes = 0
        self._workers = 0
        self._is_troubled = False
        self._is_stopped = False
        self._condition = threading.Condition()

    @property
    def trouble(self) -> str:
        """Why the last upload failed; empty when it did not."""
        return self._breaker.trouble

    def waiting(self) -> dict[Digest, int]:
        """What is not in the store yet, oldest first, with its sizes in bytes."""
        with self._condition:
            return dict(self._waiting)

    def total(self) -> tuple[int, int]:
        """How many artifacts wait, and their bytes."""
        with self._condition:
            return len(self._waiting), self._waiting_bytes

    def __contains__(self, digest: Digest) -> bool:
        return digest in self._waiting

    def add(self, artifacts: Mapping[Digest, int]) -> None:
        """Queue artifacts, given with their sizes in bytes. Those that wait already keep their place."""
        with self._condition:
            for digest, size in artifacts.items():
                if digest not in self._waiting:
                    self._waiting[digest] = size
                    self._waiting_bytes += size
            self._hire()
        self._changed()

    def drop(self, digest: Digest) -> None:
        """Forget an artifact that is to be in no store. An upload that is under way has ended when this returns."""
        self._done(digest)
        with self._condition:
            self._condition.wait_for(lambda: digest not in self._under_way)

    def stop(self, timeout_s: float) -> None:
        """Give what is under way *timeout_s* to end; begin nothing more. What waits stays where it is durable."""
        with self._condition:
            self._is_stopped = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: not self._workers, timeout_s)

    def _hire(self) -> None:
        idle = len(self._waiting) - len(self._under_way)
        for _ in range(min(idle, self._at_once - self._workers)):
            self._workers += 1
            threading.Thread(target=self._work, name="uploads", daemon=True).start()

    def _work(self) -> None:
        while (digest := self._take()) is not None:
            try:
                with self._breaker.call():
                    self._try(digest)
            except (StoreFull, StoreUnavailable):
                self._back(digest)
            else:
                self._uploaded(digest)
            self._tell()

    def _try(self, digest: Digest) -> None:
        try:
            self._upload(digest)
        except (StoreFull, StoreUnavailable):
            raise
        except Exception as error:
            self._log.exception("artifact %s was not uploaded", digest)
            raise StoreUnavailable(f"artifact {digest} was not uploaded ({error!r}); it is tried again") from error

    def _tell(self) -> None:
        """Say once when uploads begin to fail, and once when they work again."""
        with self._condition:
            is_troubled = bool(self.trouble)
            if is_troubled == self._is_troubled:
                return
            self._is_troubled = is_troubled
        if is_troubled:
            self._log.warning("outputs wait on this server to be stored: %s", self.trouble)
        else:
            self._log.info("the artifact store answers again")
        self._changed()

    def _take(self) -> Digest | None:
        """The oldest artifact that nobody is uploading; None when there is nothing to do, and the thread may go."""
        with self._condition:
            while not self._is_stopped:
                digest = next((digest for digest in self._waiting if digest not in self._under_way), None)
                if digest is None:
                    break
                pause = self._breaker.wait_s()
                if pause:
                    self._condition.wait(pause)
                elif self._under_way and sum(self._under_way.values()) + self._waiting[digest] > _BYTES_AT_ONCE:
                    self._condition.wait()  # nothing may overtake it, or a large one would wait for ever
                else:
                    self._under_way[digest] = self._waiting[digest]
                    return digest
            self._workers -= 1
            self._condition.notify_all()
            return None

    def _back(self, digest: Digest) -> None:
        with self._condition:
            self._leave(digest)
            self._condition.wait(random.uniform(0, _PAUSE_S))  # noqa: S311 (no secret)

    def _uploaded(self, digest: Digest) -> None:
        with self._condition:
            self._leave(digest)
            self._done(digest)

    def _done(self, digest: Digest) -> None:
        with self._condition:
            self._waiting_bytes -= self._waiting.pop(digest, 0)
        self._changed()

    def _leave(self, digest: Digest) -> None:
        del self._under_way[digest]
        self._condition.notify_all()
