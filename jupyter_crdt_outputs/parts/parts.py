"""All parts, wired."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.fileio import FileManagerMixin

from ..document.housekeeping import Housekeeping
from ..exporting.hook import SERVED, Served
from ..exporting.resolving import Sources
from ..kernel.waiting import Waiting
from ..settings import Settings
from ..store.collection.roots import LOGS
from ..store.collection.rules import DAY_S, Rules
from ..store.history import HISTORY
from ..store.history.previous import KeptRuns
from ..stores import Stores
from ..streams.logs import Logs
from ..web import metrics, store_state
from ..web.handler import AUTH_RESOURCE
from ..web.notices import Notices
from .documents import Documents
from .handlers import handlers
from .kernels import Recording
from .telling import Telling


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
        data_dir = Path(jupyter_data_dir())
        telling = Telling(notices, server.io_loop.add_callback, log)
        stores = Stores(settings, data_dir, telling.nearly_full, log)
        logs = Logs(data_dir / LOGS, stores.writer)
        waiting = Waiting(settings.queue_max_bytes, data_dir / LOGS, log)
        metrics.follow(waiting)
        metrics.follow_store(stores.state)
        documents = Documents(server, settings, data_dir, stores, logs, lambda: waiting.any, telling, log)
        recording = Recording(server, web_settings, settings, data_dir, stores, logs, waiting, documents, log)
        watch = store_state.StoreWatch(stores.state, server.event_logger, server.io_loop)
        kept = KeptRuns(
            lambda: stores.own().blobs.records,
            stores.reader,
            data_dir / HISTORY,
            settings.previous_runs,
            settings.history_days * DAY_S,
        )
        housekeeping = Housekeeping(
            stores.own,
            stores.reader,
            documents.rooms,
            data_dir,
            _notebook_folders(server, settings, log),
            Rules(settings.grace_days * DAY_S),
            settings.collect_every_h * 3600,
            stores.quota,
            log,
            [kept],
        )
        web_settings[SERVED] = Served(Sources(stores.reader.get, logs.text_of), AUTH_RESOURCE)
        self.handlers = handlers(settings, stores, logs, documents, recording, housekeeping)
        server.io_loop.add_callback(housekeeping.start)
        self._stops: list[Callable[[], Awaitable[object]]] = [
            *recording.stops,
            *documents.stops,
            *recording.records_stops,
            housekeeping.stop,
            stores.stop,
        ]
        stores.start(watch.changed)

    async def stop(self) -> None:
        """Write and save what is under way."""
        for stop in self._stops:
            await stop()


def _notebook_folders(server: ServerApp, settings: Settings, log: logging.Logger) -> list[Path]:
    """Where notebooks are, that refer to artifacts; empty where they are no files of this machine."""
    contents = server.contents_manager
    if not isinstance(contents, FileManagerMixin):
        log.info("notebooks are no files here, so this server keeps all that is in the artifact store")
        return []
    places = [contents.root_dir, getattr(contents.checkpoints, "root_dir", None), *settings.further_roots]
    return [Path(place) for place in dict.fromkeys(places) if place]
