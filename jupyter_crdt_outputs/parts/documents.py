"""The parts that have to do with documents and their files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp

from ..document.announcements import Announcements
from ..document.background import Background
from ..document.contents import ContentsManagers, SplicingContents
from ..document.filling import UNFINISHED, Filler, LackingRooms, UnfinishedRooms
from ..document.handing_over import loaded_for
from ..document.host import Host
from ..document.journal import Journals
from ..document.late_trust import LateTrust
from ..document.memory import MemoryReturn, settle
from ..document.notebook import notebook_class
from ..document.opening import NotebookOpener
from ..document.recorded_cells import RecordedCells
from ..document.recovery import Recovery
from ..document.remembering import FileMemory
from ..document.restoring import Restoring
from ..document.rooms import Room, Rooms, install_loading, install_notebook_class, running_extension
from ..document.saving import Saver
from ..document.sweep import Sweeper
from ..files import KnownNotebooks, NotebookFiles
from ..files.known import KNOWN
from ..files.validating import make_validators
from ..settings import Settings
from ..store.collection.roots import JOURNAL
from ..store.collection.touches import Touches
from ..stores import Stores
from ..streams.logs import Logs
from ..web.openings import Openings
from ..web.store_notices import StoreNotices
from .telling import Telling


class Documents:
    """Notebooks that are opened, watched and saved.

    Args:
        server: its notebooks and its contents manager are taken over.
        settings: checked.
        data_dir: the server's.
        stores: where outputs go.
        logs: where long streams go.
        is_behind: whether there are outputs still to be recorded.
        telling: tells users.
        log: for administrators.

    Attributes:
        rooms: the open notebooks.
        cells: whose outputs only the server writes.
        saver: saves them.
        lacking: which of them have not all outputs of their files yet.
        announcements: which browsers can show references.
        touches: told of what documents refer to.
        troubles: told when the store does not take an output.
        stops: what ends each part, in order.
    """

    def __init__(
        self,
        server: ServerApp,
        settings: Settings,
        data_dir: Path,
        stores: Stores,
        logs: Logs,
        is_behind: Callable[[], bool],
        telling: Telling,
        log: logging.Logger,
    ) -> None:
        self._archive = archive = stores.archive
        self._background = Background(log)
        self._memory = MemoryReturn()
        self.touches = touches = Touches(stores.own, log)
        self.rooms = Rooms(partial(running_extension, server))
        self.announcements = Announcements(self.seen)
        files = NotebookFiles(archive)
        known = KnownNotebooks(data_dir / KNOWN, settings.policy.fingerprint)
        memory = FileMemory(known, files, archive, settings.file_limits, log)
        opener = NotebookOpener(memory, archive, LateTrust(memory, self.rooms), self._background, log)
        contents = ContentsManagers(
            lambda manager: SplicingContents(manager, files, opener, memory, telling.saved, log)
        )
        contents.take(server.contents_manager)
        server.io_loop.add_callback(lambda: contents.take(server.contents_manager))  # which others may have replaced
        interval_s = settings.save_interval_s
        # In the second turn of the loop: in the first the server begins to listen, and after the second it accepts.
        server.io_loop.add_callback(server.io_loop.add_callback, self._get_ready)
        self.saver = Saver(self.rooms, interval_s, is_behind, contents.size_of, contents.saving, Background(log))
        self.troubles = StoreNotices(stores.writer, telling.notices, log)
        self._sweeper = Sweeper(
            stores.recorded,
            logs,
            lambda room, cell_id: self.cells.written(room, cell_id),
            self._compact,
            self.troubles.failed,
            log,
        )
        self.cells = RecordedCells(self.rooms, self._sweeper.outputs_changed)
        self._journals = Journals(data_dir / JOURNAL, log)
        self.lacking = LackingRooms(self.rooms)
        unfinished = UnfinishedRooms(data_dir / UNFINISHED)
        filler = Filler(
            archive,
            self.rooms,
            self.lacking,
            unfinished,
            telling.saved,
            Openings(server.event_logger).progress,
            self._filled,
            log,
        )
        host = Host(
            archive,
            self.rooms,
            filler,
            self.lacking,
            Recovery(archive, logs, self._journals, unfinished, self._background),
            self.announcements,
            Restoring(archive, settings.file_limits, logs, touches.seen_in, telling.outputs_missing),
            touches.seen_in,
        )
        install_notebook_class(notebook_class(host))
        install_loading(self._loaded)
        self.stops: list[Callable[[], Awaitable[object]]] = [
            self._sweeper.stop,
            self.lacking.stop,
            self.saver.stop,
            partial(asyncio.to_thread, contents.stop),
            memory.stop,
            self.troubles.stop,
            partial(asyncio.to_thread, touches.stop),
        ]

    def _get_ready(self) -> None:
        settle()
        self._background.start(asyncio.to_thread(make_validators), "the first notebook is validated more slowly")

    def seen(self, document: Any) -> None:
        """Somebody opens this document."""
        room = self.rooms.showing(document)
        if room is not None and self.cells.follow(room):
            self._guard(room)
            self._journals.follow(room.room_id, room.doc)
            self._background.start(room.history.complete(), "history not completed")
            self._sweeper.look_at(room)
            self._memory.after_reading(self._archive.bytes_offloaded)

    async def _loaded(self, room_id: str, load: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """A file for a room, of which we do all saves from now on."""
        model = await loaded_for(self._archive, room_id, load)
        room = self.rooms.get(room_id)
        if room is not None:  # one that no browser opens is made known after this
            self._guard(room)
        return model

    def _guard(self, room: Room) -> None:
        room.guard_saves(partial(self.saver.guard, room))

    def _filled(self, notebook: Mapping[str, Any]) -> None:
        self.touches.seen_in(notebook)
        self._memory.after_reading(self._archive.bytes_offloaded)

    def _compact(self, room: Room) -> None:
        self._background.start(room.history.compact(), "history not compacted")
