"""What the recorders of one server share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ..document.recorded_cells import RecordedCells
from ..document.rooms import Rooms
from ..store.archive import Archive
from ..streams.logs import Logs
from .clients import Clients
from .records import KernelSpec, Ledger
from .waiting import Waiting


@dataclass(frozen=True)
class RecorderContext:
    """What the recorders of a server share.

    Attributes:
        rooms: the open notebooks.
        cells: the cells being written.
        archive: where bulk goes.
        logs: where long streams go.
        waiting: messages that are still to be recorded.
        ledger: the records of executions.
        kernelspec: gives the kernelspec of a kernel.
        output_max_bytes: the largest message with one output that is taken.
        flush_interval_s: seconds between writes of one cell once it prints fast.
        clients: the browsers' connections to kernels.
        store_failed: called with the error when bulk had to stay in the document.
        lost: called at the end of an execution with how many of its messages the kernel dropped.
        restarted: called with the id of a kernel that has died or was restarted.
        wrote: called with the room's id after a write.
        leave: called at the end of an execution with the room's id and how to let go of the room.
        log: for what no user can do anything about.
    """

    rooms: Rooms
    cells: RecordedCells
    archive: Archive
    logs: Logs
    waiting: Waiting
    ledger: Ledger
    kernelspec: Callable[[str], KernelSpec]
    output_max_bytes: int
    flush_interval_s: float
    clients: Clients
    store_failed: Callable[[Exception], None]
    lost: Callable[[int], None]
    restarted: Callable[[str], None]
    wrote: Callable[[str], None]
    leave: Callable[[str, Callable[[], None]], None]
    log: logging.Logger
