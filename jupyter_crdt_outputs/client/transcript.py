"""From one state of a cell's outputs to the next: what a reader who has seen the one has to be told."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.reference import LogReference, LongStreamReference, StreamReference, reference_in
from .events import Changed, Cleared, Shown, Text
from .streams import Piece

StreamOf = StreamReference | LongStreamReference | LogReference


@dataclass(frozen=True, slots=True)
class Rest:
    """What is wanted of a long stream: its lines from a byte on.

    Attributes:
        stream: which.
        start: the first byte.
    """

    stream: StreamOf
    start: int


@dataclass(slots=True)
class _Stream:
    """As much of a stream as was told.

    Attributes:
        name: of the stream.
        size: bytes of its finished lines, which stay.
        line: the unfinished one, which may change.
        digest: of those bytes, as long as all of them were seen inline.
    """

    name: str
    size: int = 0
    line: str = ""
    digest: Any = field(default_factory=hashlib.sha256)

    def grow(self, rest: str) -> Text | None:
        """Take its text from the unfinished line on; what there is to tell."""
        before, newline, line = rest.rpartition("\n")
        done = before + newline
        old, self.line = self.line, line
        data = done.encode()
        self.size += len(data)
        self.digest.update(data)
        if rest == old:
            return None
        return Text(self.name, rest[len(old) :]) if rest.startswith(old) else Text(self.name, rest, returns=True)

    def begins(self, data: bytes) -> bool:
        """Whether a text has the lines that were told."""
        return bool(hashlib.sha256(data[: self.size]).digest() == self.digest.digest())


class Transcript:
    """What somebody knows of a cell's outputs.

    The document only ever changes the last line of a stream, so what was told of finished lines stays true.
    """

    def __init__(self) -> None:
        self._told: list[_Stream | Mapping[str, Any]] = []

    def update(
        self, outputs: Sequence[Mapping[str, Any]]
    ) -> Generator[Rest | Text | Shown | Changed | Cleared, Piece | None, None]:
        """Take the outputs as they are now; gives what happened, and is sent what it asks for as a :class:`Rest`."""
        if len(outputs) < len(self._told) or not all(map(self._goes_on, self._told, outputs)):
            self._told.clear()
            yield Cleared()
        for index, output in enumerate(outputs):
            name = stream_name(output)
            if index == len(self._told):
                self._told.append(output if name is None else _Stream(name))
                if name is None:
                    yield Shown(output)
            told = self._told[index]
            if isinstance(told, _Stream):
                yield from self._text(told, output)
            elif told != output:
                self._told[index] = output
                yield Changed(output)

    @staticmethod
    def _goes_on(told: _Stream | Mapping[str, Any], output: Mapping[str, Any]) -> bool:
        name = stream_name(output)
        if not isinstance(told, _Stream):
            return name is None
        return name == told.name and (reference_in(output) is not None or told.begins(text_of(output).encode()))

    @staticmethod
    def _text(told: _Stream, output: Mapping[str, Any]) -> Generator[Rest | Text, Piece | None, None]:
        reference = reference_in(output)
        is_last = False
        while not is_last:
            if isinstance(reference, StreamOf):
                data, is_last = (yield Rest(reference, told.size)) or Piece(b"", True)
            else:
                data, is_last = text_of(output).encode("utf-8", "replace")[told.size :], True
            event = told.grow(data.decode("utf-8", "replace"))
            if event is not None:
                yield event


def stream_name(output: Mapping[str, Any]) -> str | None:
    """The name of the stream that an output is, or stands for."""
    if output.get("output_type") == "stream":
        return str(output.get("name"))
    reference = reference_in(output)
    return reference.name if isinstance(reference, StreamOf) else None


def text_of(output: Mapping[str, Any]) -> str:
    """The text of a stream that is in the document."""
    text = output.get("text", "")
    return text if isinstance(text, str) else "".join(map(str, text)) if isinstance(text, list) else ""
