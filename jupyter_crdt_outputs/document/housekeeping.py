"""A server as a member of its store: it registers, says what it reaches, and collects if it is told to."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..errors import CollectionRunning, CrdtOutputsError, StoreUnavailable
from ..store import ArtifactStore
from ..store.collection.collector import Collector
from ..store.collection.marking import Marker, Root
from ..store.collection.members import Member, member_id, register
from ..store.collection.quota import QuotaStore
from ..store.collection.references import Found, references_in
from ..store.collection.report import Fate, Report
from ..store.collection.roots import FileRoots
from ..store.collection.rules import Rules
from ..store.verified_store import VerifiedStore
from .rooms import Rooms

_RETRY_S = 60.0
_COUNT_S = 3600.0


class Housekeeping:
    """Registers a server with its store, and marks and collects now and then. All of it off the event loop.

    Args:
        opened: the store itself, not a spool in front of it. Called in a thread; may raise StoreUnavailable.
        reader: what the server reads with.
        rooms: its open notebooks.
        data_dir: its data directory.
        folders: where its notebooks are, the root directory first; empty where these are no files, in which case it
            never marks.
        rules: how long things are kept.
        every_s: seconds between two collections; 0: none.
        quota: is told every hour what the store holds; None where there is none.
        log: for administrators.
        further_roots: what else the server keeps, beside its documents and files.
    """

    def __init__(
        self,
        opened: Callable[[], VerifiedStore],
        reader: ArtifactStore,
        rooms: Rooms,
        data_dir: Path,
        folders: Sequence[Path],
        rules: Rules,
        every_s: float,
        quota: QuotaStore | None,
        log: logging.Logger,
        further_roots: Sequence[Root] = (),
    ) -> None:
        self._further_roots = further_roots
        self._opened = opened
        self._reader = reader
        self._rooms = rooms
        self._data_dir = data_dir
        self._folders = [folder.absolute() for folder in folders]
        self._rules = rules
        self._every_s = every_s
        self._quota = quota
        self._log = log
        self._marker: Marker | None = None
        self._is_stopped = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, on the event loop that runs, when the collaboration extension is loaded."""
        works = [self._register_and_collect()]
        if self._quota is not None:
            works.append(self._count(self._quota))
        self._tasks = [asyncio.get_running_loop().create_task(work) for work in works]

    async def stop(self) -> None:
        """Begin nothing any more. A collection that is under way may be cut short, which harms nobody."""
        self._is_stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def collect(self) -> Report:
        """Mark, and collect.

        Raises:
            RootUnreadable, StoreUnavailable, StoreFull, CollectionRunning: as far as it came, all is well.
        """
        await self.mark()
        return await asyncio.to_thread(lambda: Collector(self._opened().blobs, self._rules).collect(self._go_on))

    def _go_on(self, *_progress: object) -> None:
        if self._is_stopped:
            raise StoreUnavailable("the server stops; the next collection goes on where this one was")

    async def mark(self) -> None:
        """Say what this server reaches.

        Raises:
            RootUnreadable, StoreUnavailable, StoreFull: the mark before this one stands.
        """
        if self._folders:
            began, updates = time.time(), [room.doc.get_update() for room in self._rooms]
            history = self._rooms.history()
            await asyncio.to_thread(self._mark, began, updates, *history)

    def _mark(
        self,
        began: float,
        updates: Sequence[bytes],
        history: Path | None,
        decompress: Callable[[bytes], bytes] | None,
    ) -> None:
        if self._marker is None:
            files = FileRoots(self._folders, self._data_dir, history, decompress)
            self._marker = Marker(
                self._opened().blobs.records, self._member().id, self._reader, [files, *self._further_roots]
            )
        self._marker.mark(lambda: _found_in(updates), began=began)

    def _member(self, history: Path | None = None) -> Member:
        host, data_dir = socket.gethostname(), str(self._data_dir.absolute())
        folders = tuple(map(str, self._folders))
        root_dir = folders[0] if folders else ""
        id = member_id(host, data_dir, root_dir)
        return Member(id, host, data_dir, root_dir, time.time(), folders, str(history or ""))

    async def _register_and_collect(self) -> None:
        delay_s = _RETRY_S
        while not await self._try(self._register(), "this server could not register with the artifact store"):
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, _COUNT_S)
        while self._every_s:
            await asyncio.sleep(self._every_s)
            await self._try(self._collect(), "nothing was collected in the artifact store")

    async def _count(self, quota: QuotaStore) -> None:
        while True:
            await self._try(self._count_once(quota), "nobody knows how much the artifact store holds")
            await asyncio.sleep(_COUNT_S)

    async def _count_once(self, quota: QuotaStore) -> None:
        await asyncio.to_thread(lambda: quota.count(self._opened().blobs))

    async def _register(self) -> None:
        member = self._member(self._rooms.history()[0])
        await asyncio.to_thread(lambda: register(self._opened().blobs.records, member))

    async def _collect(self) -> None:
        report = await self.collect()
        self._log.info("%s", _sentence(report))

    async def _try(self, work: Coroutine[object, object, None], complaint: str) -> bool:
        try:
            await work
        except CollectionRunning as error:
            self._log.info("%s", error)
        except CrdtOutputsError as error:
            self._log.warning("%s: %s", complaint, error)
            return False
        except Exception:
            self._log.exception("%s", complaint)
            return False
        return True


def _found_in(updates: Sequence[bytes]) -> Iterator[Found]:
    for update in updates:
        yield from references_in([update])


def _sentence(report: Report) -> str:
    trashed, removed, restored = (report.tallies[fate] for fate in (Fate.TRASHED, Fate.REMOVED, Fate.RESTORED))
    until = "never" if report.cutoff is None else f"{datetime.fromtimestamp(report.cutoff, UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"collected in the artifact store: {trashed.count} artifacts ({trashed.bytes} bytes) to the trash, "
        f"{restored.count} back from it, {removed.count} ({removed.bytes} bytes) removed; untouched since {until}"
    )
