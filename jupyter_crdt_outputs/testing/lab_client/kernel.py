"""A tab's own connection to a kernel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient

from ..server import LabServer
from .execution import Execution, KernelMessage
from .wire import Wire

_SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
_KERNEL_INFO_TIMEOUT_S = 3.0
_OUTPUT_TYPES = frozenset(
    ("stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"),
)


@dataclass
class KernelConnection:
    """The websocket of one kernel. *on_message* sees every message before it is dispatched.

    Attributes:
        info: the kernel's answer to ``kernel_info_request``; empty when it did not answer in time.
        client_id: this connection's ``session_id``, which the lab extension announces in the room.
        captured: what an ipywidgets ``Output`` took out of a cell, by comm id.
    """

    server: LabServer
    kernel_id: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    on_message: Callable[[KernelMessage], None] = lambda _message: None
    captured: dict[str, list[KernelMessage]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire = Wire(self._receive)
        self.info: dict[str, Any] = {}
        self._executions: dict[str, Execution] = {}
        self._replies: dict[str, asyncio.Future[KernelMessage]] = {}
        self._displays: dict[str, list[str]] = {}
        self._capturing: dict[str, str] = {}

    async def open(self) -> None:
        """Connect, and wait for the kernel's first reply for as long as JupyterLab does."""
        query = urlencode({"session_id": self.client_id})
        url = f"{self.server.ws_url}api/kernels/{self.kernel_id}/channels?{query}"
        await self.wire.open(url, self.server.headers, subprotocols=[_SUBPROTOCOL])
        if self.wire.subprotocol != _SUBPROTOCOL:
            raise ConnectionError(f"the server speaks {self.wire.subprotocol!r}, not {_SUBPROTOCOL!r}")
        msg_id = self._send("shell", "kernel_info_request", {})
        reply = self._replies[msg_id] = asyncio.get_running_loop().create_future()
        with contextlib.suppress(asyncio.TimeoutError):
            self.info = (await asyncio.wait_for(reply, _KERNEL_INFO_TIMEOUT_S)).content

    async def close(self) -> None:
        """Close the websocket; the kernel lives on."""
        await self.wire.close()

    def execute(self, code: str, metadata: dict[str, Any], *, stop_on_error: bool) -> Execution:
        """Send an ``execute_request``."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": stop_on_error,
        }
        loop = asyncio.get_running_loop()
        sent_at = time.monotonic()
        msg_id = self._send("shell", "execute_request", content, metadata=metadata)
        execution = Execution(msg_id, sent_at, loop.create_future(), loop.create_future())
        self._executions[msg_id] = execution
        return execution

    def forget(self, execution: Execution) -> None:
        """Stop listening for *execution*: its cell runs again, or its tab closes."""
        self._executions.pop(execution.msg_id, None)
        execution.cancel()

    def send_input(self, request: KernelMessage, value: str) -> None:
        """Answer an ``input_request``."""
        self._send("stdin", "input_reply", {"status": "ok", "value": value}, parent=request.header)

    def send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send a ``comm_msg``, as a widget does that was touched."""
        self._send("shell", "comm_msg", {"comm_id": comm_id, "data": data})

    async def interrupt(self) -> None:
        """Interrupt the kernel."""
        await self._post("interrupt")

    async def restart(self) -> None:
        """Restart the kernel and connect again; pending executions are canceled."""
        await self._post("restart")
        self._cancel_all()
        await self.wire.close()
        self.wire.closed.clear()
        await self.open()

    async def _post(self, action: str) -> None:
        url = f"{self.server.url}api/kernels/{self.kernel_id}/{action}"
        headers = self.server.headers
        await AsyncHTTPClient().fetch(url, method="POST", headers=headers, body="{}", request_timeout=60.0)

    def _send(
        self,
        channel: str,
        msg_type: str,
        content: dict[str, Any],
        *,
        parent: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> str:
        header = {
            "msg_id": str(uuid.uuid4()),
            "msg_type": msg_type,
            "session": self.client_id,
            "username": "",
            "version": "5.2",
            "date": datetime.now(UTC).isoformat(),
        }
        message = {
            "header": header,
            "parent_header": parent or {},
            "metadata": metadata or {},
            "content": content,
        }
        frame = serialize_msg_to_ws_v1(  # type: ignore[no-untyped-call]
            message, channel, pack=lambda part: json.dumps(part).encode()
        )
        self.wire.send(frame)
        return header["msg_id"]

    def _receive(self, frame: bytes) -> None:
        received_at = time.monotonic()
        channel, parts = deserialize_msg_from_ws_v1(frame)  # type: ignore[no-untyped-call]
        header, parent, metadata, content = (json.loads(part) or {} for part in parts[:4])  # xeus sends null
        message = KernelMessage(channel, header, parent, metadata, content, received_at)
        self.on_message(message)
        waiting = self._replies.pop(parent.get("msg_id", ""), None) if channel == "shell" else None
        if waiting is not None and not waiting.done():
            waiting.set_result(message)
        if channel == "iopub" and self._dispatch_display(message):
            return
        execution = self._executions.get(parent.get("msg_id", ""))
        if execution is not None:
            self._dispatch(execution, message)
        if channel == "iopub":
            self._follow_kernel(message)

    def _dispatch(self, execution: Execution, message: KernelMessage) -> None:
        if message.channel == "shell":
            execution.on_reply(message)
            if not execution.reply.done():
                execution.reply.set_result(message)
        elif message.channel == "stdin":
            execution.on_stdin(message)
        elif not self._capture(message):
            execution.output_messages += message.type in _OUTPUT_TYPES
            execution.on_iopub(message)
            execution.idle = execution.idle or message.content.get("execution_state") == "idle"
        execution.finish()

    def _dispatch_display(self, message: KernelMessage) -> bool:
        """Send updates of a display to every execution that showed it; True when that was all there was to do."""
        if message.type not in ("display_data", "update_display_data", "execute_result"):
            return False
        display_id = message.content.get("transient", {}).get("display_id")
        if not display_id:
            return False
        shown_by = self._displays.setdefault(display_id, [])
        update = KernelMessage(
            message.channel,
            {**message.header, "msg_type": "update_display_data"},
            message.parent_header,
            message.metadata,
            message.content,
            message.received_at,
        )
        for msg_id in shown_by:
            if (execution := self._executions.get(msg_id)) is not None:
                self._dispatch(execution, update)
        if message.type == "update_display_data":
            return True
        if (parent_id := message.parent_header.get("msg_id", "")) not in shown_by:
            shown_by.append(parent_id)
        return False

    def _capture(self, message: KernelMessage) -> bool:
        """Whether an ipywidgets Output takes this message, as its view in the executing browser would."""
        if message.type not in _OUTPUT_TYPES:
            return False
        parent_id = message.parent_header.get("msg_id")
        for comm_id, msg_id in reversed(self._capturing.items()):
            if msg_id and msg_id == parent_id:
                self.captured.setdefault(comm_id, []).append(message)
                return True
        return False

    def _follow_kernel(self, message: KernelMessage) -> None:
        content = message.content
        if message.type == "comm_open":
            state = content.get("data", {}).get("state", {})
            if state.get("_model_name") == "OutputModel":
                self._capturing[content["comm_id"]] = state.get("msg_id", "")
        elif message.type == "comm_msg" and content["comm_id"] in self._capturing:
            state = content.get("data", {}).get("state", {})
            if "msg_id" in state:
                self._capturing[content["comm_id"]] = state["msg_id"]
        elif message.type == "status" and content.get("execution_state") in ("restarting", "dead"):
            self._cancel_all()

    def _cancel_all(self) -> None:
        executions, self._executions = self._executions, {}
        self._displays.clear()
        for execution in executions.values():
            execution.cancel()
