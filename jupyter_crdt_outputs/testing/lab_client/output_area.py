"""What JupyterLab's output area does with the messages of one execution, written to the shared cell."""

from __future__ import annotations

from typing import Any

from pycrdt import Array, Map, Text

from .execution import KernelMessage
from .room import Room
from .terminal_text import TerminalText


class OutputArea:
    """The outputs of one cell, as the tab that runs it maintains them."""

    def __init__(self, room: Room, cell_id: str) -> None:
        self._room = room
        self._cell_id = cell_id
        self._clear_next = False
        self._displays: dict[str, list[int]] = {}
        self._terminal = TerminalText()
        self._terminal_index = -1

    def on_iopub(self, message: KernelMessage) -> None:
        """Apply one iopub message of the cell's execution."""
        content = message.content
        display_id = content.get("transient", {}).get("display_id")
        if message.type in ("execute_result", "display_data", "stream", "error"):
            self.add({**content, "output_type": message.type})
            if display_id and message.type == "display_data" and (outputs := self._outputs()) is not None:
                self._displays.setdefault(display_id, []).append(len(outputs) - 1)
        elif message.type == "clear_output":
            self.clear(wait=bool(content.get("wait")))
        elif message.type == "update_display_data":
            for index in self._displays.get(display_id, ()):
                self._replace(index, {**content, "output_type": "display_data"})

    def on_reply(self, message: KernelMessage) -> None:
        """Show the pager, if the reply carries one."""
        if message.content.get("status") != "ok":
            return
        pages = [payload for payload in message.content.get("payload", ()) if payload.get("source") == "page"]
        if pages:
            self.add({"output_type": "display_data", "data": pages[0]["data"], "metadata": {}})

    def add(self, output: dict[str, Any]) -> None:
        """Append *output*, or join it to the last one when both are streams of one name."""
        if self._clear_next:
            self.clear()
            self._clear_next = False
        outputs = self._outputs()
        if outputs is None:
            return
        if output["output_type"] == "stream":
            self._add_stream(outputs, output)
        else:
            with self._room.edit():
                outputs.append(_shared(output))

    def clear(self, *, wait: bool = False) -> None:
        """Remove all outputs now, or just before the next one comes."""
        if wait:
            self._clear_next = True
            return
        self._displays.clear()
        self._terminal_index = -1
        outputs = self._outputs()
        if outputs:
            with self._room.edit():
                outputs.clear()

    def _outputs(self) -> Array[Any] | None:
        cell = self._room.cell(self._cell_id)
        return None if cell is None else cell["outputs"]

    def _add_stream(self, outputs: Array[Any], output: dict[str, Any]) -> None:
        last = outputs[len(outputs) - 1] if len(outputs) else None
        if last is not None and last.get("output_type") == "stream" and last["name"] == output["name"]:
            self._extend(last["text"], output["text"], len(outputs) - 1)
            return
        self._terminal = TerminalText()
        self._terminal_index = len(outputs)
        text = "".join(self._terminal.feed(output["text"]))
        with self._room.edit():
            outputs.append(_shared({**output, "text": text}))

    def _extend(self, text: Text, addition: str, index: int) -> None:
        if self._terminal_index != index:
            line = str(text).rpartition("\n")[2]
            self._terminal, self._terminal_index = TerminalText(line, len(line)), index
        before = self._terminal.line
        kept, new = self._terminal.feed(addition)
        removed = len(before[len(kept) :].encode())
        if removed:
            with self._room.edit():
                del text[len(text) - removed :]
        if new:
            with self._room.edit():
                text += new

    def _replace(self, index: int, output: dict[str, Any]) -> None:
        outputs = self._outputs()
        if outputs is not None and index < len(outputs):
            with self._room.edit():
                del outputs[index]
                outputs.insert(index, _shared(output))


def _shared(output: dict[str, Any]) -> Map[Any]:
    """The output as a shared type; what is transient is not part of it."""
    shared = {key: value for key, value in output.items() if key != "transient"}
    if output["output_type"] == "stream":
        shared["text"] = Text(output["text"])
    return Map(shared)
