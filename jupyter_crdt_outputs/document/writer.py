"""How JupyterLab's shared notebook must be written to, so that every open view shows what the document holds.

The rules, each tried in JupyterLab 4.6 and each a way to a broken view when it is not kept:

- Only the last output's text may grow, and only at its end; shrinking and growing are two transactions, or else that
  output is appended anew.
- Anything else is done by deleting from the first changed output on and appending the rest anew, in one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pycrdt import Array, Doc, Map, Text

from .output_area import Display, Item, OutputArea
from .stream import LiveText, StreamText

ORIGIN = "jupyter-crdt-outputs"
"""The origin of every transaction of ours: no client's undo touches it."""

_EXACT_INTEGER = 2**53


class CellWriter:
    """Brings the outputs of one cell in the document to what an :class:`OutputArea` holds.

    What other clients do to the outputs meanwhile (clear them, append a pager's text, undo) is adopted, as a running
    JupyterLab would; a cell that was moved, and so is a new object, is brought to the area's state again.

    Attributes:
        area: the outputs as they should be.
    """

    def __init__(self) -> None:
        self.area = OutputArea()
        self._written: list[Item] = []
        self._owners: list[Display | StreamText] = []
        self._writing = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around a transaction in which only this changes the outputs, to be called from without or from within."""
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1

    def sync(self, doc: Doc[Any], outputs: Array[Any]) -> None:
        """Write what changed since the last time. Blocks for microseconds; sends nothing when nothing changed."""
        items = self.area.items()
        same = _common_prefix(self._written, items)
        if same == len(self._written) and same == len(items):
            return
        with self.writing():
            if same == len(self._written) - 1 and same < len(items) and self._edit_last(doc, outputs, items[same]):
                same += 1
            if same < len(self._written) or same < len(items):
                self._replace_from(doc, outputs, same, items)
        self._written, self._owners = items, list(self.area.entries)

    @property
    def written(self) -> list[dict[str, Any]]:
        """What the document holds, as it was given; not to be changed. Costs next to nothing, reading it does not."""
        return [_to_python(item) if isinstance(item, LiveText) else item for item in self._written]

    def rewrite(self, doc: Doc[Any], outputs: Array[Any]) -> None:
        """Bring a cell whose content is unknown, such as a moved one, to the area's state."""
        items = self.area.items()
        if outputs.to_py() != [_to_python(item) for item in items]:
            with self.writing(), doc.transaction(origin=ORIGIN):
                del outputs[0:]
                outputs.extend([_to_y(item) for item in items])
        self._written, self._owners = items, list(self.area.entries)

    def on_foreign_change(self, outputs: Array[Any]) -> bool:
        """Adopt what another client did, if anything. To be called whenever the outputs of the cell changed."""
        if self._writing:
            return False
        present: list[Any] = outputs.to_py() or []
        kept = 0
        for item, there in zip(self._written, present, strict=False):
            if not _is_same(item, there):
                break
            kept += 1
        if kept == len(present) == len(self._written):
            return False
        foreign = present[kept:]
        adopted = self.area.adopt(self._owners[:kept], self._owners[kept:], foreign)
        self._owners[kept:] = adopted
        self._written[kept:] = [
            entry.output if isinstance(entry, Display) else LiveText(entry.name, str(output.get("text", "")))
            for entry, output in zip(adopted, foreign, strict=True)
        ]
        return True

    def _edit_last(self, doc: Doc[Any], outputs: Array[Any], item: Item) -> bool:
        """Edit the last output's text in place, if that is all there is to do to it."""
        old = self._written[-1]
        if not isinstance(old, LiveText) or not isinstance(item, LiveText) or old.name != item.name:
            return False
        text = outputs[len(self._written) - 1].get("text")
        if not isinstance(text, Text):
            return False
        keep = old.text if item.text.startswith(old.text) else os.path.commonprefix([old.text, item.text])
        if len(keep) < min(len(old.text), len(item.text)) and self._writing > 1:
            return False  # all is to be one transaction
        if len(keep) < len(old.text):
            with doc.transaction(origin=ORIGIN):
                del text[len(keep.encode()) :]  # pycrdt counts bytes of UTF-8
        if len(keep) < len(item.text):
            with doc.transaction(origin=ORIGIN):
                text += item.text[len(keep) :]
        return True

    def _replace_from(self, doc: Doc[Any], outputs: Array[Any], start: int, items: list[Item]) -> None:
        with doc.transaction(origin=ORIGIN):
            if start < len(self._written):
                del outputs[start:]
            if start < len(items):
                outputs.extend([_to_y(item) for item in items[start:]])


def replace_outputs(doc: Doc[Any], outputs: Array[Any], before: list[Any], after: list[Any]) -> None:
    """Put *after* where *before* stands, keeping what is equal at the beginning."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    with doc.transaction(origin=ORIGIN):
        del outputs[start:]
        outputs.extend([_to_y(output) for output in after[start:]])


def append_text(outputs: Array[Any], name: str, text: str) -> None:
    """Add stream text at the end, within a transaction: two streams of one name never stand side by side."""
    last = outputs[len(outputs) - 1] if len(outputs) else {}
    if last.get("output_type") == "stream" and last.get("name") == name and isinstance(last.get("text"), Text):
        grown = last["text"]
        grown += text
    else:
        outputs.append(_to_y(LiveText(name, text)))


def _common_prefix(old: list[Item], new: list[Item]) -> int:
    count = 0
    for before, after in zip(old, new, strict=False):
        if before is not after and not (isinstance(before, LiveText) and before == after):
            break
        count += 1
    return count


def _is_same(item: Item, present: Any) -> bool:
    return bool(present == _to_python(item))


def _to_python(item: Item) -> dict[str, Any]:
    if isinstance(item, LiveText):
        return item.output
    value = storable(item)
    assert isinstance(value, dict)
    return value


def _to_y(item: Item) -> Map[Any]:
    value = _to_python(item)
    if value.get("output_type") == "stream" and isinstance(value.get("text"), str):
        value["text"] = Text(value["text"])
    return Map(value)


def storable(value: Any) -> Any:
    """A copy of a JSON value as a shared document can hold it, and as a browser would have put it there.

    Integers beyond 2⁵³ become floats (they would be BigInts, which break renderers), lone surrogates U+FFFD.
    """
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return value
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT_INTEGER:
        return float(value)
    return value
