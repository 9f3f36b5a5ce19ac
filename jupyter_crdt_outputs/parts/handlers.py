"""The HTTP interface of all parts."""

from __future__ import annotations

from typing import Any

from ..document.housekeeping import Housekeeping
from ..settings import Settings
from ..store.collection.rules import DAY_S
from ..stores import Stores
from ..streams.logs import Logs
from ..viewing.notebooks import Notebooks
from ..viewing.texts import Texts
from ..web import (
    artifacts,
    cells,
    execution_outputs,
    executions,
    freshness,
    limits,
    marking,
    notebooks,
    openapi,
    outputs,
    previous,
    store_state,
    streams,
)
from ..web.previous_runs import PreviousRuns
from ..web.visible_history import VisibleHistory
from .documents import Documents
from .kernels import Recording


def handlers(
    settings: Settings,
    stores: Stores,
    logs: Logs,
    documents: Documents,
    recording: Recording,
    housekeeping: Housekeeping,
) -> list[Any]:
    """As ``add_handlers`` of tornado takes them.

    Raises:
        InvalidSetting: the store has no signed addresses, and is to give some.
    """
    runner, ledger, history = recording.runner, recording.ledger, recording.history
    views = Notebooks(documents.rooms, documents.lacking.is_lacking), Texts(stores.reader, logs)
    visible = VisibleHistory(history, views[0].path_of)
    runs = PreviousRuns(history, recording.keeper, stores.reader, settings.previous_runs, settings.history_days * DAY_S)
    former = previous.Services(
        documents.rooms,
        views[0],
        ledger,
        visible,
        runs,
        runner.open,
        documents.touches.seen,
        runner.leave,
    )
    return [
        *artifacts.handlers(stores.reader, "/", stores.url_of()),
        *streams.handlers(stores.reader, logs, "/"),
        *store_state.handlers(stores.state, stores.waiting, "/"),
        *limits.handlers(settings.file_limits, "/"),
        *marking.handlers(housekeeping.mark, "/"),
        *notebooks.handlers(stores.reader, "/"),
        *openapi.handlers("/"),
        *outputs.handlers(stores.reader, *views, "/"),
        *cells.handlers(
            cells.Services(views[0], documents.rooms.id_of, runner.open, runner.leave, ledger.is_busy), "/"
        ),
        *executions.handlers(runner, ledger, visible, documents.rooms.file_id_of, "/"),
        *execution_outputs.handlers(execution_outputs.Services(ledger, visible, runs, logs, runner.open), "/"),
        *freshness.handlers(
            freshness.Services(recording.freshness, ledger, documents.rooms, views[0], runner.open, recording.look_at),
            "/",
        ),
        *previous.handlers(former, "/"),
    ]
