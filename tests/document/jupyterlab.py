"""JupyterLab's output area, twice, as slow and plain as can be: what the writer is measured against.

Written after reading ``OutputAreaModel``, ``OutputArea`` (@jupyterlab/outputarea 4.6), ``YCodeCell`` (@jupyter/ydoc 4)
and ``CodeCellModel`` (@jupyterlab/cells 4.6).
"""

from __future__ import annotations

from typing import Any

from pycrdt import Array, Map, Text


def process_text(cursor: int, addition: str, text: str) -> tuple[str, int]:
    """What a stream's text becomes, character by character, and where its cursor stands."""
    for character in addition:
        if character == "\n":
            text += "\n"
            cursor = len(text)
        elif character == "\r":
            cursor = text.rfind("\n", 0, cursor) + 1
        elif character == "\b":
            if cursor > 0 and text[cursor - 1] != "\n":
                text = text[: cursor - 1] + text[cursor + 1 :]
                cursor -= 1
        else:
            text = text[:cursor] + character + text[cursor + 1 :]
            cursor += 1
    return text, cursor


class StockArea:
    """What the executing browser of a stock JupyterLab shows after each message."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._clear_next = False
        self._last_stream = ""
        self._cursor = 0
        self._displays: dict[str, list[int]] = {}

    def clear(self, *, wait: bool = False) -> None:
        self._last_stream = ""
        if wait:
            self._clear_next = True
        else:
            self.outputs = []
            self._displays = {}

    def write(self, name: str, text: str) -> None:
        self._take_clear()
        if name == self._last_stream and self.outputs:
            last = self.outputs[-1]
            last["text"], self._cursor = process_text(self._cursor, text, last["text"])
        else:
            text, self._cursor = process_text(0, text, "")
            self.outputs.append({"output_type": "stream", "name": name, "text": text})
            self._last_stream = name

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        self._take_clear()
        self.outputs.append(output)
        self._last_stream = ""
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(len(self.outputs) - 1)

    def update(self, display_id: str, output: dict[str, Any]) -> None:
        for index in self._displays.get(display_id, []):
            self.outputs[index] = output

    def _take_clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.clear()


class PassiveView:
    """What another browser shows: it hears only of the document's changes, and has JupyterLab's ways with them.

    Feed it the events of ``observe_deep`` on a cell, one call a transaction.
    """

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.failure: Exception | None = None
        self._last_stream = ""

    def on_events(self, events: list[Any]) -> None:
        """Take one transaction. A view that fails is broken for good; the document does not hear of it."""
        try:
            self._take(events)
        except Exception as error:
            self.failure = error

    def _take(self, events: list[Any]) -> None:
        texts = [event for event in events if isinstance(event.target, Text)]
        arrays = [event for event in events if isinstance(event.target, Array)]
        if any(isinstance(event.target, Map) for event in events):
            raise AssertionError("no view notices a changed key")
        if texts:  # only the first event arrives, and always at the last output
            for change in texts[0].delta:
                last = self.outputs[-1]
                if "delete" in change:  # counted in bytes here, and in UTF-16 units in a browser
                    text = last["text"].encode()
                    last["text"] = text[: len(text) - change["delete"]].decode()
                if "insert" in change:
                    last["text"] += change["insert"]
        for event in arrays:
            index = 0
            for change in event.delta:
                index += change.get("retain", 0)
                del self.outputs[index : index + change.get("delete", 0)]
                for inserted in change.get("insert", []):
                    self._append(inserted.to_py())  # inserting always appends

    def _append(self, output: dict[str, Any]) -> None:
        if output["output_type"] == "stream" and output["name"] == self._last_stream and self.outputs:
            if self.outputs[-1]["output_type"] != "stream":
                raise AssertionError("the view takes this text for a continuation of what is no stream")
            text, _ = process_text(len(self.outputs[-1]["text"]), output["text"], self.outputs[-1]["text"])
            self.outputs[-1]["text"] = text
            return
        self.outputs.append(dict(output))
        self._last_stream = output["name"] if output["output_type"] == "stream" else ""
