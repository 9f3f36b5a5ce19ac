"""What an ipywidgets ``Output`` captures of cells that no browser runs: the server tells the widget, as a page does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...document.output_area import OutputArea
from ...document.stream import LiveText
from ..messages import Message, output_of, text_of

_PACE_S = 0.05


class WidgetOutputs:
    """The ``outputs`` of the widgets of one kernel, which the page that runs a cell keeps, or nbclient.

    The kernel tells every browser that shows such a widget of its new state.

    Args:
        send: sends a ``comm_msg`` with this data to this comm.
    """

    def __init__(self, send: Callable[[str, dict[str, Any]], None]) -> None:
        self._send = send
        self._areas: dict[str, OutputArea] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}

    @property
    def are_known(self) -> bool:
        """Whether any widget has taken outputs, or was given some."""
        return bool(self._areas)

    def captured(self, comm_id: str, message: Message) -> None:
        """A widget took this output, or ``clear_output``, of a cell."""
        area = self._areas.setdefault(comm_id, OutputArea())
        if message.type == "clear_output":
            wait = bool(message.content.get("wait"))
            area.clear(wait=wait)
            if wait:
                return
        elif message.type == "stream":
            area.write(*text_of(message.content))
        elif message.type != "update_display_data":
            area.add(output_of(message.type, message.content))
        if comm_id not in self._due:
            self._due[comm_id] = asyncio.get_running_loop().call_later(_PACE_S, self._tell, comm_id)

    def set(self, comm_id: str, outputs: list[dict[str, Any]]) -> None:
        """The kernel itself has set the outputs of a widget."""
        area = self._areas[comm_id] = OutputArea()
        for output in outputs:
            if output.get("output_type") == "stream":
                area.write(*text_of(output))
            else:
                area.add(output)

    def flush(self) -> None:
        """Tell the widgets of all now: what the kernel runs next may look at it."""
        for comm_id in list(self._due):
            self._due[comm_id].cancel()
            self._tell(comm_id)

    def forget(self) -> None:
        """The kernel's process is another one, which knows none of the widgets."""
        for timer in self._due.values():
            timer.cancel()
        self._due.clear()
        self._areas.clear()

    def _tell(self, comm_id: str) -> None:
        del self._due[comm_id]
        outputs = [
            {"output_type": "stream", "name": item.name, "text": item.text} if isinstance(item, LiveText) else item
            for item in self._areas[comm_id].items()
        ]
        self._send(comm_id, {"method": "update", "state": {"outputs": outputs}, "buffer_paths": []})
