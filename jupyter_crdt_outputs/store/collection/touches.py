"""Telling the store what documents refer to, behind the back of whoever opens and saves them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from ...errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError
from ...model.digest import Digest
from ...model.reference import LongStreamReference, reference_in
from ...model.snapshot import found_out
from ..lifetimes import TOUCH_AGAIN_S
from ..verified_store import VerifiedStore
from .marking import segments_of

_RETRY_S = 30.0

_Key = tuple[Digest, bool]


class Touches:
    """Touches what it is told of, once a day, in a thread of its own. Thread-safe; never raises, never waits.

    Args:
        opened: the store itself, not a spool in front of it. Called in the thread; may raise StoreUnavailable.
        log: for what the store did not take.
        clock: POSIX seconds.
    """

    def __init__(
        self, opened: Callable[[], VerifiedStore], log: logging.Logger, clock: Callable[[], float] = time.time
    ) -> None:
        self._opened = opened
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[_Key, float] = {}
        self._due: set[_Key] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="touch")
        self._retry: threading.Timer | None = None
        self._is_stopped = False

    def seen_in(self, notebook: Mapping[str, Any]) -> None:
        """These are the outputs of a notebook as they are in a document."""
        self._seen({key for cell in notebook.get("cells", []) for key in found_out(cell, _keys_of_cell, _keys_of_cell)})

    def seen(self, outputs: Iterable[Any]) -> None:
        """These outputs are in a document."""
        self._seen(_keys_of_cell({"outputs": list(outputs)}))

    def _seen(self, keys: Collection[_Key]) -> None:
        now = self._clock()
        with self._lock:
            due = {each for each in keys if abs(now - self._told.get(each, 0.0)) >= TOUCH_AGAIN_S}
            self._told.update(dict.fromkeys(due, now))
            if due and not self._is_stopped:
                self._due |= due
                self._thread.submit(self._touch)

    def _touch(self) -> None:
        with self._lock:
            due, self._due = self._due, set()
        try:
            store = self._opened()
            digests = {digest for digest, _ in due}
            for digest in [digest for digest, is_index in due if is_index]:
                with suppress(ArtifactMissing, ArtifactCorrupt):
                    digests.update(segments_of(store, digest))
            store.touch(digests)
        except CrdtOutputsError as error:
            self._log.debug("what documents refer to could not be touched, and is tried again: %s", error)
            self._again(due)
        except Exception:  # a thread's own errors are seen by nobody
            self._log.exception("what documents refer to could not be touched")

    def _again(self, due: set[_Key]) -> None:
        with self._lock:
            self._due |= due
            if not self._is_stopped:
                self._retry = threading.Timer(_RETRY_S, self._resubmit)
                self._retry.daemon = True
                self._retry.start()

    def _resubmit(self) -> None:
        with self._lock:
            if not self._is_stopped:
                self._thread.submit(self._touch)

    def stop(self) -> None:
        """Touch what is due, and no more."""
        with self._lock:
            self._is_stopped = True
            if self._retry is not None:
                self._retry.cancel()
        self._thread.shutdown()


def _keys_of_cell(cell: Any) -> frozenset[_Key]:
    outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
    if not isinstance(outputs, list):
        return frozenset()
    return frozenset(key for output in outputs if isinstance(output, Mapping) for key in _keys(output))


def _keys(output: Mapping[str, Any]) -> Iterator[_Key]:
    """What an output refers to, and whether that is the index of a stream."""
    reference = reference_in(output)
    if reference is not None:
        for digest in reference.digests:
            yield digest, isinstance(reference, LongStreamReference)
