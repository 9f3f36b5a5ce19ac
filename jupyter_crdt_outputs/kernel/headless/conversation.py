"""What the server, as a client of one kernel, asks it and hears from it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from jupyter_core.utils import ensure_async

from ...document.rooms import Room, remember_kernel_info
from ...errors import KernelUnavailable, NotNow
from ..context import RecorderContext
from ..kernels import Kernels
from ..messages import Message
from ..recorder import Recorder
from ..records import LiveRecord
from .batch import Item
from .client import KernelClient
from .payloads import echo, pages
from .widget_outputs import WidgetOutputs

_START_S = 60.0


class Conversation:
    """Sends cells to a kernel, each with its recorder's knowledge, and answers what it asks for.

    Args:
        kernel_id: of the kernel.
        manager: the kernel's.
        kernels: the recorders.
        context: what recorders share.
        control: interrupts kernels: jupyter_server's.
        log: for what no user can do anything about.

    Attributes:
        current: the cell that the kernel was last given, until :meth:`over`.
        widgets: what they took of the outputs of cells.
    """

    def __init__(
        self,
        kernel_id: str,
        manager: Any,
        kernels: Kernels,
        context: RecorderContext,
        control: Any,
        log: logging.Logger,
    ) -> None:
        self.current: Item | None = None
        self._kernel_id = kernel_id
        self._manager = manager
        self._kernels = kernels
        self._context = context
        self._control = control
        self._request_id = ""
        self._asking: Message | None = None
        self._client = KernelClient(manager, self._replied, self._asked, log)
        self.widgets = WidgetOutputs(self._client.send_comm)

    @property
    def is_connected(self) -> bool:
        """Whether the kernel can be sent to at once, and is heard."""
        return self._kernels.is_live(self._kernel_id) and self._client.is_connected

    async def connect(self) -> dict[str, Any]:
        """Wait until the kernel is heard, and take what it says of itself.

        Raises:
            KernelUnavailable: it gives no sign of life within a minute.
        """
        self._recorder.captures.on_outputs = self.widgets.set
        if not self._kernels.is_live(self._kernel_id):
            try:
                async with asyncio.timeout(_START_S):
                    while not self._kernels.is_live(self._kernel_id):
                        await self._kernels.ready(self._kernel_id)
            except TimeoutError as error:
                raise KernelUnavailable("the kernel gives no sign of life") from error
        if not self._client.connect() or self._is_busy:
            return {}
        info = await self._client.info()
        remember_kernel_info(self._manager, info)
        return info

    def is_with(self, manager: Any) -> bool:
        """Whether it is that manager's kernel, which a later one of the same id is not."""
        return self._manager is manager

    def send(self, item: Item, room: Room, source: str, metadata: dict[str, Any], *, stop_on_error: bool) -> None:
        """Have the kernel run a cell, whose outputs the recorder writes."""
        live = item.live
        request_id, send = self._client.prepare(
            source,
            {**metadata, "deletedCells": [], "recordTiming": item.batch.records_timing, "cellId": item.cell_id},
            stop_on_error=stop_on_error,
            allow_stdin=item.batch.request.allow_stdin,
        )
        live.records_timing = item.batch.records_timing
        self._recorder.claim(request_id, self._client.name, room, item.cell_id, live, self.widgets.captured)
        self._request_id, self.current = request_id, item
        send()

    def may_go_on(self, live: LiveRecord) -> bool:
        """Whether the next cell may be sent, although what this one put out is not all written down.

        When the kernel has done it and that was all: nothing that the reply asks for, no widget that has yet to be told
        what it took, nobody who wants it cancelled, and no heap of outputs that the next would only add to.
        """
        reply = live.reply or {}
        is_plain = reply.get("status") == "ok" and not reply.get("payload") and live.verdict is None
        return is_plain and not self.widgets.are_known and not self._recorder.is_behind

    def over(self, item: Item) -> None:
        """The kernel has done this cell, or will not."""
        if self.current is item:
            self.current = self._asking = None

    async def interrupt(self) -> None:
        """Interrupt the kernel."""
        await ensure_async(self._control.interrupt_kernel(self._kernel_id))

    def answer(self, live: LiveRecord, value: str) -> None:
        """Answer what a running cell asks for. Raises :class:`NotNow` when it asks for nothing."""
        if self.current is None or self.current.live is not live or self._asking is None or live.prompt is None:
            raise NotNow("this execution asks for no input")
        request, self._asking = self._asking, None
        prompt, is_secret = live.prompt
        self._recorder.show(self._request_id, echo(request, prompt, value, is_secret=is_secret))
        self._client.answer(request, value)
        live.answered()

    def close(self) -> None:
        """Say and hear no more."""
        self._client.close()

    @property
    def _is_busy(self) -> bool:
        return getattr(self._manager, "execution_state", None) == "busy"

    @property
    def _recorder(self) -> Recorder:
        return self._kernels.follow(self._kernel_id, self._manager)

    def _replied(self, message: Message) -> None:
        self._kernels.catch_up(self._kernel_id)
        if self.current is not None and message.parent_id == self._request_id and not message.is_large:
            for page in pages(message):
                self.current.live.pager.append(page.content["data"])
                self._recorder.show(message.parent_id, page)
        self._kernels.told(self._kernel_id, message)

    def _asked(self, message: Message) -> None:
        if self.current is None or message.parent_id != self._request_id:
            return
        self._kernels.asked(self._kernel_id, message)
        self._asking = message
        prompt, is_secret = str(message.content.get("prompt", "")), bool(message.content.get("password"))
        self.current.live.asks(prompt, is_secret=is_secret)
