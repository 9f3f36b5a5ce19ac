"""The text of one stream output: a line editor like a terminal's, whose older lines move to a log."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from ..streams.log import Log

_CONTROL = re.compile("[\n\b\r]")
_PAIR = re.compile("[\U00010000-\U0010ffff]")

_LONGEST_LINE = 1 << 20
"""UTF-16 units of an unfinished line, beyond which ``\\r`` does not return in a spilled stream."""


@dataclass(frozen=True, slots=True)
class LiveText:
    """A stream that the document holds as growing text."""

    name: str
    text: str

    @property
    def output(self) -> dict[str, Any]:
        """The same as an output of nbformat."""
        return {"output_type": "stream", "name": self.name, "text": self.text}


class StreamText:
    """What JupyterLab shows for a stream: ``\\r`` returns, ``\\b`` erases, and only the last line can change.

    Follows ``OutputAreaModel`` of @jupyterlab/outputarea 4.6, which counts in UTF-16 units.

    A short stream stands in the document as text. A long one is *spilled*: its finished lines go to a log and are
    forgotten here, so neither memory nor document grow with it. One that has ended is *settled* into a reference.

    Attributes:
        name: ``stdout`` or ``stderr``.
        log: where a spilled stream goes.
        is_settled: whether it has ended.
        is_late: whether it was written to after that, by a thread that lives on.
        settled_line: its unfinished line at that time.
    """

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.log: Log | None = None
        self.is_settled = False
        self.is_late = False
        self.settled_line = ""
        self._stands_for: dict[str, Any] | None = None
        self._done: list[str] = []
        self._done_length = 0
        self._line = ""
        self._cursor = 0
        if text:
            self.write(text)

    def write(self, text: str) -> None:
        """Let the kernel print *text* at the cursor."""
        if self.is_settled:
            self.is_late = True
            if self.log is None:  # all of the text is still here
                self.is_settled, self._stands_for = False, None
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
        """The text that is here; all of it while it is not spilled."""
        return _legible("".join(self._done) + self._line)

    @property
    def length(self) -> int:
        """Of what is here, in UTF-16 units."""
        return self._done_length + len(self._line)

    def item(self) -> dict[str, Any] | LiveText:
        """What the document is to hold: the same object as long as it says the same."""
        return LiveText(self.name, self.live) if self._stands_for is None else self._stands_for

    def text_and_line(self) -> tuple[str, str]:
        """The text that is here: what stays, and the unfinished line."""
        return _legible("".join(self._done)), _legible(self._line)

    def spill(self, log: Log) -> None:
        """From now on, what is written goes to *log*, which has the text so far."""
        self.log = log
        self._done, self._done_length = [], 0
        self.resume()

    def resume(self) -> None:
        """The log, to which all was handed before the stream had ended, is open again."""
        assert self.log is not None
        self._stands_for = self.log.reference()
        self.is_settled = self.is_late = False

    def flush(self) -> None:
        """Hand to the log what was written since the last time. Raises OSError when a crash would lose it."""
        if self.log is None or self.is_settled:
            return
        if len(self._line) >= 2 * _LONGEST_LINE and self._cursor == len(self._line):
            cut = len(self._line) - _LONGEST_LINE
            cut += "\ud800" <= self._line[cut - 1] <= "\udbff"  # not within a pair
            self._complete(self._line[:cut])
            self._line = self._line[cut:]
            self._cursor = len(self._line)
        done, self._done, self._done_length = "".join(self._done), [], 0
        self.log.append(_legible(done), _legible(self._line))

    def settle(self, output: dict[str, Any]) -> None:
        """The stream has ended, and *output* stands for all of it."""
        self._stands_for = output
        self.is_settled, self.is_late = True, False
        self.settled_line = _legible(self._line)

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
    if text.isascii() or _PAIR.search(text) is None:
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
