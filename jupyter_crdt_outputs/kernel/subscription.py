"""A subscription of the server's own to what a kernel publishes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import zmq

from .messages import Message, without_traceback
from .process import KernelProcess

_READY_S = 5.0
_PROBE_S = 0.2
_WATCH_S = 1.0
_TOGETHER = 100


def lose_nothing(manager: Any) -> None:
    """Let sockets to a kernel that are made from now on queue what the event loop is not yet ready for.

    By default they drop what comes after the first thousand messages, which a cell that shows thousands of outputs
    sends within a second: outputs would be lost, or the message that the cell is idle.
    """
    manager.context.setsockopt(zmq.RCVHWM, 0)


class Subscription:
    """Hands every iopub message of a kernel on, in order, from before the first execution on.

    A subscription takes effect some time after it is made, and what was published before is lost: so nothing counts
    on it until a message has come through. The server's own limits on a websocket's message rate do not apply here.

    Args:
        manager: the kernel's manager.
        received: called with each message.
        gone: called when the kernel died or was restarted, after its last message, with whether it is shut down.
        log: for malformed messages.
    """

    def __init__(
        self, manager: Any, received: Callable[[Message], None], gone: Callable[[bool], None], log: logging.Logger
    ) -> None:
        self._manager = manager
        self._received = received
        self._gone = gone
        self._log = log
        self._process = KernelProcess(manager)
        self._stream: Any = None
        self._ports: object = None
        self._live = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def is_live(self) -> bool:
        """Whether messages are known to come through."""
        return self._live.is_set()

    async def ready(self) -> None:
        """Subscribe if that is not done, and wait until messages come through, or for five seconds at most.

        Asks on the control channel, where a busy kernel answers too, and on the shell channel, because some kernels
        publish nothing about what they do on the other.
        """
        self.notice_restart()
        self._subscribe()
        if self.is_live:
            return
        channels = self._channels()
        try:
            for _ in range(int(_READY_S / _PROBE_S)):
                for channel in channels:
                    self._manager.session.send(channel, "kernel_info_request")
                try:
                    await asyncio.wait_for(self._live.wait(), _PROBE_S)
                    return
                except TimeoutError:
                    continue
            self._log.warning("a kernel publishes nothing; its outputs are left to the browsers until it does")
        finally:
            for channel in channels:
                channel.close()

    def notice_restart(self) -> None:
        """Report at once if another process has taken over, so that nothing new is taken for the old one's.

        It is subscribed to anew: on the same ports, the old subscription would reach it too, but only after a while.
        """
        if self._process.was_replaced() and self._stream is not None:
            self._report(False)
            self._connect()

    def flush(self) -> None:
        """Hand on what has arrived already."""
        self._drain(None)

    def ask(self) -> list[str]:
        """Have the kernel publish something, as soon as it can; returns the ids of what it will then answer."""
        requests = []
        for channel in self._channels():
            requests.append(self._manager.session.send(channel, "kernel_info_request")["header"]["msg_id"])
            channel.flush()
            asyncio.get_running_loop().call_later(_PROBE_S, channel.close)
        return requests

    def stop(self) -> None:
        """Unsubscribe."""
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        self._disconnect()

    def _subscribe(self) -> None:
        if self._stream is None:
            self._process.was_replaced()
            self._connect()
        elif self._ports != tuple(self._manager.ports) or self._stream.closed():
            self._report(False)
            self._connect()
        if self._watcher is None:
            self._watcher = asyncio.get_running_loop().create_task(self._watch())

    def _connect(self) -> None:
        self._disconnect()
        self._live.clear()
        self._ports = tuple(self._manager.ports)
        lose_nothing(self._manager)
        self._stream = self._manager.connect_iopub()
        self._stream.on_recv(self._on_frames, copy=False)

    def _channels(self) -> list[Any]:
        """Where a kernel can be asked so that it answers soon."""
        channels = [self._manager.connect_control()]
        if getattr(self._manager, "execution_state", None) != "busy":  # it would only queue up there
            channels.append(self._manager.connect_shell())
        return channels

    def _disconnect(self) -> None:
        if self._stream is not None and not self._stream.closed():
            self._stream.on_recv(None)
            self._stream.close()
        self._stream = None

    def _on_frames(self, frames: list[Any]) -> None:
        self._take(frames)
        self._drain(_TOGETHER)

    def _drain(self, most: int | None) -> None:
        """Take what has arrived, *most* messages at most: the event loop needs a round for each otherwise."""
        stream, taken = self._stream, 0
        while stream is not None and stream is self._stream and not stream.closed() and taken != most:
            try:
                frames = stream.socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            self._take(frames)
            taken += 1

    def _take(self, frames: list[Any]) -> None:
        self._live.set()
        try:
            _, parts = self._manager.session.feed_identities(frames, copy=False)
            message = Message.parse([part.buffer for part in parts[1:]])
            kernels = getattr(self._manager, "parent", None)
            if message.type == "error" and not getattr(kernels, "allow_tracebacks", True):
                message = without_traceback(message, str(getattr(kernels, "traceback_replacement_message", "")))
            self._received(message)
        except Exception:
            self._log.warning("a malformed message from a kernel was passed over", exc_info=True)

    async def _watch(self) -> None:
        """Notice that the kernel died or is another process now: then nothing will end its executions but us."""
        while not self._process.is_shut_down():
            await asyncio.sleep(_WATCH_S)
            try:
                if await self._process.has_died():
                    self._report(False)
                self.notice_restart()
            except Exception:
                self._log.exception("a kernel's restart could not be followed")
        self._watcher = None  # stopping must not cancel what is said now
        self._report(True)

    def _report(self, is_final: bool) -> None:
        self.flush()  # what the old process said is to be recorded before its executions end
        self._gone(is_final)
