"""A kernel that does what it is told, in place of the sockets to a real one; all above them is real."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jupyter_ydoc import YNotebook

from jupyter_crdt_outputs.document.announcements import Announcements
from jupyter_crdt_outputs.document.recorded_cells import RecordedCells
from jupyter_crdt_outputs.document.rooms import Room
from jupyter_crdt_outputs.kernel.clients import Clients
from jupyter_crdt_outputs.kernel.context import RecorderContext
from jupyter_crdt_outputs.kernel.headless import conversation
from jupyter_crdt_outputs.kernel.headless.queue import KernelQueue
from jupyter_crdt_outputs.kernel.headless.rests import Rests
from jupyter_crdt_outputs.kernel.kernels import Kernels
from jupyter_crdt_outputs.kernel.messages import Message
from jupyter_crdt_outputs.kernel.records import KernelSpec, Ledger, LiveRecord, new_id, now
from jupyter_crdt_outputs.kernel.waiting import Waiting
from jupyter_crdt_outputs.model.executions import ExecutionRecord
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.streams.logs import Logs

KERNEL = "the kernel"
ROOM = "json:notebook:file"
LOG = logging.getLogger(__name__)


@dataclass
class Request:
    """What the kernel was sent."""

    id: str
    code: str
    stop_on_error: bool
    has_begun: bool = False


class ScriptedClient:
    """Stands in for :class:`KernelClient`. What is sent waits until somebody says what becomes of it."""

    name = "a client"
    is_connected = True

    def __init__(
        self, _manager: Any, replied: Callable[[Message], None], _asked: Callable[[Message], None], _log: logging.Logger
    ) -> None:
        self.replied = replied
        self.requests: list[Request] = []
        self.sent: list[str] = []
        self._number = 0

    def connect(self) -> bool:
        return False

    def close(self) -> None:
        return None

    def send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        raise AssertionError("there are no widgets")

    def prepare(
        self, code: str, metadata: dict[str, Any], *, stop_on_error: bool, allow_stdin: bool
    ) -> tuple[str, Callable[[], None]]:
        self._number += 1
        request = Request(f"request {self._number}", code, stop_on_error)

        def send() -> None:
            self.requests.append(request)
            self.sent.append(metadata["cellId"])

        return request.id, send


class _Upstream:
    """What is asked of upstream's room."""

    room_id = ROOM
    ready = True

    def __init__(self, document: Any) -> None:
        self.ydoc = document.ydoc
        self._document = document


class _Rooms:
    """One open notebook. It is never closed."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def get(self, room_id: str) -> Room | None:
        return self._room if room_id == ROOM else None

    def hold(self, _room: Room) -> Callable[[], None]:
        return lambda: None


class _Kernels(Kernels):
    """Of which the only one is always heard."""

    def is_live(self, kernel_id: str) -> bool:
        return kernel_id == KERNEL

    def catch_up(self, kernel_id: str) -> None:
        return None


class _Control(dict[str, Any]):
    """jupyter_server's kernel manager: what it is asked for is done by whoever plays the kernel."""

    interrupts = 0

    async def interrupt_kernel(self, _kernel_id: str) -> None:
        self.interrupts += 1


class System:
    """A notebook, a queue and a kernel to be played."""

    def __init__(self, folder: Path, sources: list[str], ended: Callable[[ExecutionRecord], None]) -> None:
        self.document: Any = YNotebook()
        cells: list[dict[str, Any]] = [
            {
                "id": str(number),
                "cell_type": "code",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(sources)
        ]
        self.document.set({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        self.room = Room(_Upstream(self.document))
        rooms: Any = _Rooms(self.room)
        store = open_store("memory://a-queue")
        self.ledger = Ledger(lambda _record, _outputs: None, ended, keeps_sources=False)
        self.clients = Clients(Announcements(lambda _document: None), LOG)
        context = RecorderContext(
            rooms=rooms,
            cells=RecordedCells(rooms, lambda _room, _cell_id: None),
            archive=Archive(store, Policy()),
            logs=Logs(folder, store),
            waiting=Waiting(1 << 20, folder, LOG),
            ledger=self.ledger,
            kernelspec=lambda _kernel_id: KernelSpec("python3", "Python", "python"),
            output_max_bytes=1 << 20,
            flush_interval_s=0.05,
            clients=self.clients,
            store_failed=lambda error: LOG.error("%s", error),
            lost=lambda _count: None,
            restarted=lambda _kernel_id: None,
            wrote=lambda _room_id: None,
            leave=lambda _room_id, release: release(),
            log=LOG,
        )
        manager = SimpleNamespace(ports=(1,), session=None)
        self._kernels = _Kernels(context)
        self.control = _Control({KERNEL: manager})
        kernel = conversation.Conversation(KERNEL, manager, self._kernels, context, self.control, LOG)
        self.rests = Rests(context.leave)
        self.queue = KernelQueue(KERNEL, kernel, context, self.control, self.rests, LOG)
        self.client: Any = kernel._client
        self.recorder = self._kernels.follow(KERNEL, manager)
        self.count = 0

    def asked(self, cell: str) -> LiveRecord:
        """The execution of a cell that somebody asks for."""
        record = ExecutionRecord(
            id=new_id(),
            run=None,
            parent=None,
            cell=cell,
            path="a/notebook.ipynb",
            file_id="file",
            kernel=KERNEL,
            kernel_name="python3",
            language="python",
            user="somebody",
            via="endpoint",
            queued_at=now(),
        )
        return self.ledger.add(record)

    async def settle(self) -> None:
        """Let everything happen that does not wait for the kernel, or for time."""
        for _ in range(30):
            await asyncio.sleep(0)

    def begin(self, text: str) -> None:
        """The kernel takes up the oldest request, and prints."""
        request = self.client.requests[0]
        self.count += 1
        request.has_begun = True
        self._publish("status", {"execution_state": "busy"}, request)
        self._publish("execute_input", {"code": request.code, "execution_count": self.count}, request)
        self._publish("stream", {"name": "stdout", "text": text}, request)

    def end(self, status: str, *, is_idle_first: bool) -> None:
        """The kernel is done with the oldest request; on which socket that is heard first is a matter of luck."""
        request = self.client.requests.pop(0)
        reply = {"status": status, "ename": "Oops"} if status == "error" else {"status": status}
        if status == "error":
            self._publish("error", {"ename": "Oops", "evalue": "", "traceback": []}, request)
        if is_idle_first:
            self._publish("status", {"execution_state": "idle"}, request)
        self.client.replied(_message("execute_reply", reply, request))
        if not is_idle_first:
            self._publish("status", {"execution_state": "idle"}, request)

    def replace_process(self) -> None:
        """The kernel died, or was restarted: what it was sent is gone."""
        self.client.requests.clear()
        self.recorder.restarted()

    def _publish(self, kind: str, content: dict[str, Any], request: Request) -> None:
        self.recorder.receive(_message(kind, content, request))


def _message(kind: str, content: dict[str, Any], request: Request) -> Message:
    return Message(kind, "", "", request.id, b"{}", json.dumps(content).encode())
