"""The text of one stream output: a line editor like a terminal's, whose older lines move to the store."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from ..model import preview
from ..model.digest import Digest
from ..model.offload import SEGMENT_CHARACTERS, stream_reference_output, text_segments
from ..model.policy import Policy
from ..model.reference import Part

_CONTROL = re.compile("[\n\b\r]")


@dataclass(frozen=True, slots=True)
class LiveText:
    """A stream, or the end of one, that the document holds as growing text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What of a stream lies in the store.

    Attributes:
        parts: the segments, in order.
        head: the first lines, for the preview.
        line_count: lines in all.
        whole: the document's output when this is all of the stream.
        begun: the same when live text follows.
    """

    parts: list[Part]
    head: list[str]
    line_count: int
    whole: dict[str, Any]
    begun: dict[str, Any]


_NOTHING = _Sealed([], [], 0, {}, {})


class StreamText:
    """What JupyterLab shows for a stream: ``\\r`` returns, ``\\b`` erases, and only the last line can change.

    Follows ``OutputAreaModel`` of @jupyterlab/outputarea 4.6, which counts in UTF-16 units.

    The document holds a stream as a reference to what is *sealed* in the store, if anything, followed by the *live*
    text that is not. Sealed text is forgotten here, so neither memory nor document grow with the stream.

    Attributes:
        name: ``stdout`` or ``stderr``.
    """

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self._sealed: _Sealed | None = None
        self._planned = _NOTHING
        self._planned_end = 0
        self._done: list[str] = []
        self._done_length = 0
        self._line = ""
        self._cursor = 0
        if text:
            self.write(text)

    def write(self, text: str) -> None:
        """Let the kernel print *text* at the cursor."""
        text = _units(text)
        if self._cursor == len(self._line) and "\r" not in text and "\b" not in text:
            before, newline, rest = text.rpartition("\n")
            if newline:
                self._complete(self._line + before + newline)
                self._line = rest
            else:
                self._line += text
            self._cursor = len(self._line)
            return
        start = 0
        for control in _CONTROL.finditer(text):
            self._overwrite(text[start : control.start()])
            start = control.end()
            self._control(control.group())
        self._overwrite(text[start:])

    @property
    def live(self) -> str:
        """The text that is not sealed; all of it while nothing is."""
        return _legible("".join(self._done) + self._line)

    def must_seal(self) -> bool:
        """Whether there is a whole segment that can leave the document."""
        return self._done_length >= SEGMENT_CHARACTERS or len(self._line) >= 2 * SEGMENT_CHARACTERS

    def must_settle(self, policy: Policy) -> bool:
        """Whether, now that its cell is idle, live text is to leave the document."""
        live = self.live
        return bool(live) and (self._sealed is not None or policy.is_bulk(live))

    def items(self) -> list[dict[str, Any] | LiveText]:
        """What the document is to hold: the same objects as long as they say the same."""
        live = self.live
        if self._sealed is None:
            return [LiveText(self.name, live)]
        return [self._sealed.begun, LiveText(self.name, live)] if live else [self._sealed.whole]

    def seal(self, *, whole: bool) -> dict[Digest, bytes]:
        """Plan to move live text to the store, and return the artifacts that must be durable before it is done.

        Nothing changes until :meth:`commit_seal`, so a failing store leaves the stream as it is.

        Args:
            whole: take all; otherwise only whole segments, and the unfinished line only when it is longer than one.
        """
        artifacts: dict[Digest, bytes] = {}
        before = self._sealed or _NOTHING
        text = self.live if whole or self._done_length < SEGMENT_CHARACTERS else _legible("".join(self._done))
        end = len(text) if whole else len(text) // SEGMENT_CHARACTERS * SEGMENT_CHARACTERS
        parts = [*before.parts, *text_segments(text[:end], artifacts, SEGMENT_CHARACTERS)]
        lines = text[:end].splitlines()
        head = [*before.head, *lines][: preview.LINES]
        count = before.line_count + len(lines)
        rest = lines[len(head) - len(before.head) :]
        text_plain = preview.of_stream(head, rest, count, sum(part.size for part in parts))
        whole_output, begun_output = (
            stream_reference_output(self.name, parts, text_plain, continues=continues) for continues in (False, True)
        )
        self._planned = _Sealed(parts, head, count, whole_output, begun_output)
        self._planned_end = end
        return artifacts

    def commit_seal(self) -> None:
        """The artifacts of the last :meth:`seal` are durable: let go of their text."""
        done = _legible("".join(self._done))
        if self._planned_end <= len(done):
            self._done = [done[self._planned_end :]]
        else:
            self._done = []
            self._line = _units(_legible(self._line)[self._planned_end - len(done) :])
            self._cursor = len(self._line)
        self._done_length = sum(map(len, self._done))
        self._sealed = self._planned

    def _complete(self, lines: str) -> None:
        self._done.append(lines)
        self._done_length += len(lines)

    def _overwrite(self, text: str) -> None:
        after = self._cursor + len(text)
        self._line = self._line[: self._cursor] + text + self._line[after:]
        self._cursor = after

    def _control(self, character: str) -> None:
        if character == "\r":
            self._cursor = 0
        elif character == "\n":
            self._complete(self._line + "\n")
            self._line, self._cursor = "", 0
        elif self._cursor:
            # Upstream drops the character under the cursor too; equal to it is what users see today.
            self._line = self._line[: self._cursor - 1] + self._line[self._cursor + 1 :]
            self._cursor -= 1


def _units(text: str) -> str:
    """One character per UTF-16 unit, because upstream's cursor counts these."""
    if not text or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data)))


def _legible(text: str) -> str:
    """Join surrogate pairs again, and replace what is left of them by U+FFFD as browsers do."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
