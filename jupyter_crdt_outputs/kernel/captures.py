"""Which executions an ipywidgets ``Output`` is capturing.

The widget's model in the kernel names the request whose outputs it wants; the executing browser then takes them
from the message stream itself. Those messages must reach the browsers and stay out of the cell.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .messages import COMM_TYPES, Message

_MODEL = "OutputModel"


class OutputCaptures:
    """Follows one subscription, in its order: two subscribers may be at different points of the stream.

    Attributes:
        on_outputs: called with a comm's id and the outputs that the kernel gave its widget, if anybody wants to know.
    """

    def __init__(self, others: OutputCaptures | None = None) -> None:
        self.on_outputs: Callable[[str, list[dict[str, Any]]], None] | None = None
        self._requests: dict[str, str] = dict(others._requests) if others is not None else {}

    def follow(self, message: Message) -> None:
        """Take note of a message; all but comm messages are passed over."""
        if message.type not in COMM_TYPES:
            return
        content = message.raw_content
        is_about_outputs = self.on_outputs is not None and b'"outputs"' in content
        if message.type == "comm_close" or is_about_outputs or b"msg_id" in content or _MODEL.encode() in content:
            with suppress(ValueError, AttributeError, TypeError, KeyError):  # not a widget's message
                self._follow(message)

    def capture(self, request_id: str) -> bool:
        """Whether outputs of this request now go to a widget."""
        return bool(request_id) and request_id in self._requests.values()

    def taker(self, request_id: str) -> str | None:
        """The comm of the widget that takes the outputs of this request: of several, the one that came last."""
        return next((comm for comm, request in reversed(self._requests.items()) if request == request_id), None)

    def forget(self) -> None:
        """The kernel's process is another one, which knows none of the widgets."""
        self._requests.clear()

    def _follow(self, message: Message) -> None:
        comm_id = message.content["comm_id"]
        if message.type == "comm_close":
            self._requests.pop(comm_id, None)
            return
        data = message.content.get("data", {})
        state = data.get("state", {})
        if message.type == "comm_open":
            if state.get("_model_name") == _MODEL:
                self._requests[comm_id] = str(state.get("msg_id", ""))
        elif comm_id in self._requests and "msg_id" in state:
            self._requests.pop(comm_id)  # of nested ones, the innermost is the last
            self._requests[comm_id] = str(state["msg_id"])
        is_set = data.get("method") != "echo_update" and isinstance(state.get("outputs"), list)
        if self.on_outputs is not None and comm_id in self._requests and is_set:
            self.on_outputs(comm_id, state["outputs"])
