"""A client of one kernel that the server has for itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import zmq

from ..messages import Message

_INFO_S = 3.0
"""As long as JupyterLab waits for what a kernel says of itself."""


class KernelClient:
    """Sends requests to a kernel, and hands on what it answers to this client alone.

    Args:
        manager: the kernel's manager.
        replied: called with each message on the shell channel.
        asked: called with each ``input_request``.
        log: for malformed messages.

    Attributes:
        name: the client's session id, by which recorders know it.
    """

    def __init__(
        self,
        manager: Any,
        replied: Callable[[Message], None],
        asked: Callable[[Message], None],
        log: logging.Logger,
    ) -> None:
        self._manager = manager
        self._replied = replied
        self._asked = asked
        self._log = log
        self._session = manager.session.clone()
        self._session.session = self.name = str(uuid4())
        self._infos: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._ports: object = None
        self._shell: Any = None
        self._stdin: Any = None

    @property
    def is_connected(self) -> bool:
        """Whether it is, and the kernel listens where it did."""
        return self._shell is not None and self._ports == tuple(self._manager.ports)

    def connect(self) -> bool:
        """Connect; False if that is done."""
        if self.is_connected:
            return False
        self.close()
        self._ports = tuple(self._manager.ports)
        identity = self._session.bsession  # one for both, or the kernel asks nobody for input
        self._shell = self._manager.connect_shell(identity=identity)
        self._stdin = self._manager.connect_stdin(identity=identity)
        self._shell.on_recv(lambda frames: self._receive(frames, self._on_shell), copy=False)
        self._stdin.on_recv(lambda frames: self._receive(frames, self._on_stdin), copy=False)
        return True

    def close(self) -> None:
        """Disconnect."""
        for stream in (self._shell, self._stdin):
            if stream is not None and not stream.closed():
                stream.on_recv(None)
                stream.close()
        self._shell = self._stdin = None

    def prepare(
        self, code: str, metadata: dict[str, Any], *, stop_on_error: bool, allow_stdin: bool
    ) -> tuple[str, Callable[[], None]]:
        """An ``execute_request`` like JupyterLab's: its id, and what sends it."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": allow_stdin,
            "stop_on_error": stop_on_error,
        }
        message = self._session.msg("execute_request", content, metadata=metadata)
        return message["header"]["msg_id"], lambda: self._send(message)

    async def info(self) -> dict[str, Any]:
        """What the kernel says of itself; empty if it says nothing within three seconds."""
        message = self._session.msg("kernel_info_request", {})
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        request_id = message["header"]["msg_id"]
        self._infos[request_id] = answer
        self._send(message)
        try:
            return await asyncio.wait_for(answer, _INFO_S)
        except TimeoutError:
            return {}
        finally:
            self._infos.pop(request_id, None)

    def answer(self, request: Message, value: str) -> None:
        """Answer an ``input_request``. The value is kept nowhere."""
        parent = {"msg_id": request.msg_id, "msg_type": "input_request", "session": request.session}
        self._session.send(self._stdin, "input_reply", {"status": "ok", "value": value}, parent=parent)

    def send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send a ``comm_msg``, as a widget in a page does."""
        self._session.send(self._shell, "comm_msg", {"comm_id": comm_id, "data": data})

    def _send(self, message: dict[str, Any]) -> None:
        """Send now, and not when the event loop has done all else."""
        if not self._shell.sending():
            with suppress(zmq.Again):
                self._shell.socket.send_multipart(self._session.serialize(message), zmq.NOBLOCK)
                asyncio.get_running_loop().call_soon(self._look_again)
                return
        self._session.send(self._shell, message)
        self._shell.flush(zmq.POLLOUT)

    def _look_again(self) -> None:
        """A socket that is used past its stream may have swallowed the sign that there is something to be read."""
        if self._shell is not None and not self._shell.closed():
            self._shell.flush(zmq.POLLIN)

    def _on_shell(self, message: Message) -> None:
        waiting = self._infos.get(message.parent_id)
        if waiting is None:
            self._replied(message)
        elif not waiting.done():
            waiting.set_result(message.content)

    def _on_stdin(self, message: Message) -> None:
        if message.type == "input_request":
            self._asked(message)

    def _receive(self, frames: list[Any], handle: Callable[[Message], None]) -> None:
        try:
            _, parts = self._session.feed_identities(frames, copy=False)
            message = Message.parse([part.buffer for part in parts[1:]])
        except ValueError:
            self._log.warning("a malformed answer from a kernel was passed over", exc_info=True)
            return
        handle(message)
