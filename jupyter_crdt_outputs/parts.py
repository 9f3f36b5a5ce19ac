"""All parts of the extension, made and put together for one server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from .document.announcements import Announcements
from .document.contents import SplicingContents
from .document.contents_managers import ContentsManagers
from .document.filling import Filler
from .document.housekeeping import Housekeeping
from .document.journal import Journals
from .document.memory import MemoryReturn
from .document.notebook import Host, notebook_class
from .document.opened import loaded_for
from .document.opening import NotebookOpener
from .document.recorded_cells import RecordedCells
from .document.rooms import Room, Rooms, install_loading, install_notebook_class, running_extension
from .document.saving import Saver
from .document.sweep import Sweeper
from .document.unfinished import UNFINISHED, UnfinishedRooms
from .exporting.hook import SERVED, Served
from .exporting.resolving import Sources
from .files import KnownNotebooks, NotebookFiles
from .files.known import KNOWN
from .kernel.context import RecorderContext
from .kernel.headless.runner import Runner
from .kernel.headless.sessions import Sessions
from .kernel.kernels import Kernels
from .kernel.records import Ledger
from .kernel.waiting import Waiting
from .kernel.websocket import claiming_connection_class
from .settings import Settings
from .store.collection.roots import JOURNAL, LOGS
from .store.collection.rules import DAY_S, Rules
from .store.collection.touches import Touches
from .store.history import HISTORY, History
from .stores import Stores
from .streams.logs import Logs
from .viewing.notebooks import Notebooks
from .viewing.texts import Texts
from .web import (
    artifacts,
    execution_outputs,
    executions,
    limits,
    marking,
    metrics,
    notebooks,
    outputs,
    store_state,
    streams,
)
from .web.execution_events import ExecutionEvents
from .web.handler import AUTH_RESOURCE
from .web.notices import Notices
from .web.openings import Openings
from .web.store_notices import StoreNotices


class Parts:
    """What runs in a server once the extension is on.

    Args:
        server: the server; its notebooks, websockets and contents manager are taken over.
        web_settings: the web application's as the extension has them, which are given to it when all is made.
        settings: checked.
        notices: what users are told.
        log: for administrators.

    Attributes:
        handlers: to be added to the server's, as ``add_handlers`` of tornado takes them.

    Raises:
        InvalidSetting: the settings do not fit the store.
    """

    def __init__(
        self,
        server: ServerApp,
        web_settings: dict[str, Any],
        settings: Settings,
        notices: Notices,
        log: logging.Logger,
    ) -> None:
        self._server = server
        self._notices = notices
        self._log = log
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stops: list[Callable[[], Awaitable[object]]] = []
        data_dir = Path(jupyter_data_dir())
        stores = Stores(settings, data_dir, self._nearly_full, self._log)
        self._archive = archive = stores.archive
        touches = Touches(stores.own, self._log)
        self._memory = MemoryReturn()
        folder = data_dir / LOGS
        logs = Logs(folder, stores.writer)
        waiting = Waiting(settings.queue_max_bytes, folder, self._log)
        metrics.follow(waiting)
        openings = Openings(server.event_logger)
        self._rooms = Rooms(partial(running_extension, server))
        announcements = Announcements(lambda document: self._seen(document, cells, sweeper, journals))
        files = NotebookFiles(archive)
        known = KnownNotebooks(data_dir / KNOWN, settings.policy.fingerprint)
        opener = NotebookOpener(known, files, archive, self._log)
        contents = ContentsManagers(lambda manager: SplicingContents(manager, files, opener, self._saved, self._log))
        contents.take(server.contents_manager)
        server.io_loop.add_callback(lambda: contents.take(server.contents_manager))  # which others may have replaced
        saver = Saver(self._rooms, settings.save_interval_s, lambda: waiting.any, contents.size_of, contents.saving)
        self._saver = saver
        troubles = StoreNotices(stores.writer, self._notices, self._log)
        sweeper = Sweeper(
            stores.recorded,
            logs,
            lambda room, cell_id: cells.written(room, cell_id),
            self._compact,
            troubles.failed,
            self._log,
        )
        cells = RecordedCells(self._rooms, sweeper.outputs_changed)
        journals = Journals(data_dir / JOURNAL, self._log)
        filler = Filler(
            archive,
            self._rooms,
            UnfinishedRooms(data_dir / UNFINISHED),
            self._saved,
            openings.progress,
            lambda notebook: self._filled(notebook, touches),
            self._log,
        )
        host = Host(
            archive,
            settings.file_limits,
            logs,
            self._rooms,
            journals,
            filler,
            announcements,
            touches.seen_in,
            self._outputs_missing,
        )
        install_notebook_class(notebook_class(host))
        install_loading(partial(loaded_for, archive))
        sessions = Sessions(server.session_manager, server.kernel_manager, server.kernel_spec_manager)
        history = History(
            lambda: stores.own().blobs.records,
            data_dir / HISTORY,
            settings.history_max,
            settings.history_days * DAY_S,
            self._log,
        )
        history.start()
        events = ExecutionEvents(server.event_logger)
        ledger = Ledger(history.put, events.ended, keeps_sources=settings.record_sources)
        context = RecorderContext(
            rooms=self._rooms,
            cells=cells,
            archive=stores.recorded,
            logs=logs,
            waiting=waiting,
            ledger=ledger,
            kernelspec=lambda kernel_id: sessions.spec_of(kernel_id),
            output_max_bytes=settings.output_max_bytes,
            flush_interval_s=settings.flush_interval_ms / 1000,
            is_connected=lambda client: kernels.is_connected(client),
            tell_idle=lambda client, request_id: kernels.tell_idle(client, request_id),
            store_failed=troubles.failed,
            lost=metrics.lost,
            wrote=saver.wrote,
            leave=saver.leave,
            log=self._log,
        )
        kernels = Kernels(context, announcements)
        self._mix_into_websocket(kernels, web_settings)
        runner = Runner(
            kernels,
            context,
            sessions,
            server.kernel_manager,
            lambda document: self._seen(document, cells, sweeper, journals),
            self._log,
        )
        metrics.follow_store(stores.state)
        watch = store_state.StoreWatch(stores.state, server.event_logger, server.io_loop)
        housekeeping = Housekeeping(
            stores.own,
            stores.reader,
            self._rooms,
            data_dir,
            self._notebook_folders(settings),
            Rules(settings.grace_days * DAY_S),
            settings.collect_every_h * 3600,
            stores.quota,
            self._log,
        )
        web_settings[SERVED] = Served(Sources(stores.reader.get, logs.text_of), AUTH_RESOURCE)
        self.handlers = [
            *artifacts.handlers(stores.reader, "/", stores.url_of()),
            *streams.handlers(stores.reader, logs, "/"),
            *store_state.handlers(stores.state, stores.waiting, "/"),
            *limits.handlers(settings.file_limits, "/"),
            *marking.handlers(housekeeping.mark, "/"),
            *notebooks.handlers(stores.reader, "/"),
            *outputs.handlers(
                stores.reader, Notebooks(self._rooms, filler.is_filling), Texts(stores.reader, logs), "/"
            ),
            *executions.handlers(runner, ledger, history, self._rooms.file_id_of, "/"),
            *execution_outputs.handlers(ledger, history, logs, runner.open, "/"),
        ]
        server.io_loop.add_callback(housekeeping.start)
        self._stops = [
            ledger.stopping,
            runner.stop,
            kernels.stop,
            sweeper.stop,
            filler.stop,
            saver.stop,
            partial(asyncio.to_thread, opener.stop),
            troubles.stop,
            ledger.stop,
            partial(asyncio.to_thread, history.stop),
            housekeeping.stop,
            partial(asyncio.to_thread, touches.stop),
            stores.stop,
        ]
        stores.start(watch.changed)

    async def stop(self) -> None:
        """Write and save what is under way."""
        for stop in self._stops:
            await stop()

    def _notebook_folders(self, settings: Settings) -> list[Path]:
        """Where notebooks are, that refer to artifacts; empty where they are no files of this machine."""
        contents = self._server.contents_manager
        if not isinstance(contents, FileManagerMixin):
            self._log.info("notebooks are no files here, so this server keeps all that is in the artifact store")
            return []
        places = [contents.root_dir, getattr(contents.checkpoints, "root_dir", None), *settings.further_roots]
        return [Path(place) for place in dict.fromkeys(places) if place]

    def _mix_into_websocket(self, kernels: Kernels, web_settings: dict[str, Any]) -> None:
        base = web_settings["kernel_websocket_connection_class"]
        if not issubclass(base, ZMQChannelsWebsocketConnection):
            self._log.warning(
                "kernels are reached through %s, which this package cannot listen to: outputs are taken out of the "
                "documents only after they have been there",
                base.__name__,
            )
            return
        web_settings["kernel_websocket_connection_class"] = claiming_connection_class(base, kernels)

    def _seen(self, document: Any, cells: RecordedCells, sweeper: Sweeper, journals: Journals) -> None:
        room = self._rooms.showing(document)
        if room is not None and cells.follow(room):
            room.guard_saves(partial(self._saver.guard, room))
            journals.follow(room.room_id, room.doc)
            self._in_background(room.complete_history(), "history not completed")
            sweeper.look_at(room)
            self._memory.after_reading(self._archive.bytes_offloaded)

    def _filled(self, notebook: Mapping[str, Any], touches: Touches) -> None:
        touches.seen_in(notebook)
        self._memory.after_reading(self._archive.bytes_offloaded)

    def _compact(self, room: Room) -> None:
        self._in_background(room.compact_history(), "history not compacted")

    def _in_background(self, work: Coroutine[Any, Any, Any], complaint: str) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                self._log.warning(complaint, exc_info=task.exception())

        task.add_done_callback(done)

    def _outputs_missing(self, path: str, problems: list[str]) -> None:
        for problem in problems:
            self._log.error("%s keeps a reference that cannot be resolved: %s", path, problem)
        self._notices.emit("outputs-missing", "\n".join(problems[:5]), path)

    def _saved(self, path: str, error: Exception | None) -> None:
        if error is None:
            self._notices.emit("saved", f"{path} is saved again.", path)
        else:
            why = getattr(error, "log_message", None) or str(error)
            self._notices.emit("not-saved", f"{path} is not saved; it is tried again. {why}", path)

    def _nearly_full(self, sentence: str) -> None:
        self._server.io_loop.add_callback(self._notices.emit, "store-nearly-full", sentence)
        self._log.warning("%s", sentence)
