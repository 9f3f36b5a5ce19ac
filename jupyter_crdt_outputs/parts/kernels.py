"""The parts that have to do with kernels, and with what is run on them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from ..kernel.clients import Clients
from ..kernel.context import RecorderContext
from ..kernel.freshness import Freshness
from ..kernel.headless.runner import Runner
from ..kernel.headless.sessions import Sessions
from ..kernel.kernels import Kernels
from ..kernel.records import Ledger
from ..kernel.waiting import Waiting
from ..kernel.websocket import claiming_connection_class
from ..settings import Settings
from ..store.collection.rules import DAY_S
from ..store.history import HISTORY, History
from ..store.history.keeping import OutputKeeper
from ..stores import Stores
from ..streams.logs import Logs
from ..web import metrics
from ..web.execution_events import ExecutionEvents
from ..web.prompts import Prompts
from .documents import Documents


class Recording:
    """Outputs that are recorded, cells that are run for programs, and what is kept of each execution.

    Args:
        server: its websockets to kernels are taken over.
        web_settings: the web application's, of which the websocket's class is one.
        settings: checked.
        data_dir: the server's.
        stores: where outputs go.
        logs: where long streams go.
        waiting: messages that are not recorded yet.
        documents: the notebooks.
        log: for administrators.

    Attributes:
        runner: runs cells.
        ledger: the executions of this server.
        history: those of former times.
        keeper: has the outputs of those.
        freshness: which outputs are stale.
        look_at: called with a kernel's id, notices whether it was restarted.
        stops: what ends each part, in order; *records_stops* when nothing is recorded any more.
    """

    def __init__(
        self,
        server: ServerApp,
        web_settings: dict[str, Any],
        settings: Settings,
        data_dir: Path,
        stores: Stores,
        logs: Logs,
        waiting: Waiting,
        documents: Documents,
        log: logging.Logger,
    ) -> None:
        sessions = Sessions(server.session_manager, server.kernel_manager, server.kernel_spec_manager)
        self.keeper = OutputKeeper(stores.writer, settings.previous_runs)
        self.history = History(
            lambda: stores.own().blobs.records,
            data_dir / HISTORY,
            settings.history_max,
            settings.history_days * DAY_S,
            log,
            keep=self.keeper.keep,
        )
        self.history.start()
        events = ExecutionEvents(server.event_logger)
        self.ledger = Ledger(
            self.history.put,
            events.ended,
            keeps_sources=settings.record_sources,
            prompted=Prompts(server.event_logger).changed,
        )
        self.freshness = Freshness(self.ledger, self.history)
        context = RecorderContext(
            rooms=documents.rooms,
            cells=documents.cells,
            archive=stores.recorded,
            logs=logs,
            waiting=waiting,
            ledger=self.ledger,
            kernelspec=lambda kernel_id: sessions.spec_of(kernel_id),
            output_max_bytes=settings.output_max_bytes,
            flush_interval_s=settings.flush_interval_ms / 1000,
            clients=Clients(documents.announcements, log),
            store_failed=documents.troubles.failed,
            lost=metrics.lost,
            restarted=self.freshness.restarted,
            wrote=documents.saver.wrote,
            leave=documents.saver.leave,
            log=log,
        )
        kernels = Kernels(context)
        _mix_into_websocket(kernels, web_settings, log)
        control = server.kernel_manager
        self.look_at = kernels.is_live
        self.runner = Runner(kernels, context, sessions, control, documents.seen, self.freshness, log)
        self.stops: list[Callable[[], Awaitable[object]]] = [self.ledger.stopping, self.runner.stop, kernels.stop]
        self.records_stops: list[Callable[[], Awaitable[object]]] = [
            self.ledger.stop,
            partial(asyncio.to_thread, self.history.stop),
        ]


def _mix_into_websocket(kernels: Kernels, web_settings: dict[str, Any], log: logging.Logger) -> None:
    base = web_settings["kernel_websocket_connection_class"]
    if not issubclass(base, ZMQChannelsWebsocketConnection):
        log.warning(
            "kernels are reached through %s, which this package cannot listen to: outputs are taken out of the "
            "documents only after they have been there",
            base.__name__,
        )
        return
    web_settings["kernel_websocket_connection_class"] = claiming_connection_class(base, kernels)
