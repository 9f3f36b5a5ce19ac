"""The outputs of one cell as JupyterLab would have them: a model without a document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .stream import LiveText, StreamText


@dataclass(slots=True, eq=False)
class Display:
    """Any output that is not a stream, in the document's form.

    Attributes:
        output: an nbformat output, never changed in place: an update puts another one here.
    """

    output: dict[str, Any]


Item = dict[str, Any] | LiveText
"""One output of the document: a finished one, compared by identity, or growing text."""


class OutputArea:
    """Follows ``OutputArea`` and ``OutputAreaModel`` of JupyterLab 4.6 message by message.

    Adjacent streams of one name are one output; a waiting clear happens with the next output; an update reaches
    every display of its id that is still there, and leaves a waiting clear waiting.
    """

    def __init__(self) -> None:
        self.entries: list[Display | StreamText] = []
        self._clear_next = False
        self._displays: dict[str, list[Display]] = {}

    def clear(self, *, wait: bool = False) -> None:
        """Drop all outputs, now or together with the arrival of the next."""
        if wait:
            self._clear_next = True
            return
        self.entries.clear()
        self._displays.clear()

    def write(self, name: str, text: str) -> None:
        """Append stream text."""
        self._take_waiting_clear()
        last = self.entries[-1] if self.entries else None
        if isinstance(last, StreamText) and last.name == name:
            last.write(text)
        else:
            self.entries.append(StreamText(name, text))

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Append any other output, already in the document's form."""
        self._take_waiting_clear()
        display = Display(output)
        self.entries.append(display)
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(display)

    def shows(self, display_id: str) -> bool:
        """Whether an update of this id would change anything."""
        return display_id in self._displays

    def update(self, display_id: str, output: dict[str, Any]) -> None:
        """Replace every display of this id."""
        for display in self._displays.get(display_id, ()):
            display.output = output

    def streams(self) -> list[StreamText]:
        """The streams, in order."""
        return [entry for entry in self.entries if isinstance(entry, StreamText)]

    def items(self) -> list[Item]:
        """What the document is to hold."""
        return [entry.output if isinstance(entry, Display) else entry.item() for entry in self.entries]

    def adopt(
        self,
        kept: Collection[Display | StreamText],
        gone: Collection[Display | StreamText],
        foreign: list[dict[str, Any]],
    ) -> list[Display | StreamText]:
        """Take over what another client made of the document's outputs. What is not in the document yet stays.

        Args:
            kept: entries that still stand at the beginning of the document's outputs.
            gone: entries that are there no more.
            foreign: the outputs after the kept ones, as the document holds them.

        Returns:
            The entries of the foreign ones.
        """
        standing = {id(entry) for entry in kept}
        dropped = {id(entry) for entry in gone}
        entries = [entry for entry in self.entries if id(entry) not in dropped]
        index = max((index + 1 for index, entry in enumerate(entries) if id(entry) in standing), default=0)
        adopted = [
            StreamText(str(output.get("name")), str(output.get("text", "")))
            if output.get("output_type") == "stream"
            else Display(output)
            for output in foreign
        ]
        entries[index:index] = adopted
        self.entries = entries
        alive = {id(entry) for entry in entries}
        for display_id, displays in list(self._displays.items()):
            self._displays[display_id] = [display for display in displays if id(display) in alive]
            if not self._displays[display_id]:
                del self._displays[display_id]
        return adopted

    def _take_waiting_clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.clear()
