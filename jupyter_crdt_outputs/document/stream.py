"""The text of one stream output: a line editor like a terminal's, whose older lines move to the store."""

from __future__ import annotations

import re
import struct
from typing import Any

from ..model import preview
from ..model.digest import Digest
from ..model.offload import stream_reference_output, text_segments
from ..model.policy import Policy
from ..model.reference import Part

_CONTROL = re.compile("[\n\b\r]")


class StreamText:
    """What JupyterLab shows for a stream: ``\\r`` returns, ``\\b`` erases, and only the last line can change.

    Follows ``OutputAreaModel`` of @jupyterlab/outputarea 4.6, which counts in UTF-16 units.

    The document holds a stream as its *reference* (what is sealed in the store, if anything) followed by its *live*
    text (what is not). Sealed text is forgotten here, so neither memory nor document grow with the stream.

    Attributes:
        name: ``stdout`` or ``stderr``.
        reference: the document's output for what is sealed, or None.
    """

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.reference: dict[str, Any] | None = None
        self._sealed: list[Part] = []
        self._head: list[str] = []
        self._sealed_lines = 0
        self._done: list[str] = []
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
                self._done.append(self._line + before + newline)
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

    def outgrows(self, limit_bytes: int) -> bool:
        """Whether the live text is longer than *limit_bytes* of UTF-8."""
        characters = sum(map(len, self._done)) + len(self._line)
        return characters > limit_bytes or (characters * 3 > limit_bytes and len(self.live.encode()) > limit_bytes)

    def must_settle(self, policy: Policy) -> bool:
        """Whether, now that its cell is idle, live text is to leave the document."""
        return self.outgrows(policy.document_max_bytes) or (self.reference is not None and bool(self.live))

    def seal(self, *, whole: bool) -> tuple[dict[str, Any], dict[Digest, bytes]]:
        """Plan to move live text to the store: the next :attr:`reference`, and what must be durable before it.

        Nothing changes until :meth:`commit_seal`, so a failing store leaves the stream as it is.

        Args:
            whole: take the unfinished last line as well; otherwise it stays editable, unless it is all there is.
        """
        artifacts: dict[Digest, bytes] = {}
        text = self.live if whole or not self._done else _legible("".join(self._done))
        parts = [*self._sealed, *text_segments(text, artifacts)]
        lines = text.splitlines()
        head = (self._head + lines)[: preview.LINES]
        count = self._sealed_lines + len(lines)
        text_plain = preview.of_stream(head, lines[-preview.LINES :], count, sum(part.size for part in parts))
        self._planned = (parts, head, count, whole or not self._done)
        return stream_reference_output(self.name, parts, text_plain), artifacts

    def commit_seal(self, reference: dict[str, Any]) -> None:
        """The artifacts of the last :meth:`seal` are durable: let go of their text."""
        self.reference = reference
        self._sealed, self._head, self._sealed_lines, whole = self._planned
        self._done.clear()
        if whole:
            self._line, self._cursor = "", 0

    def _overwrite(self, text: str) -> None:
        after = self._cursor + len(text)
        self._line = self._line[: self._cursor] + text + self._line[after:]
        self._cursor = after

    def _control(self, character: str) -> None:
        if character == "\r":
            self._cursor = 0
        elif character == "\n":
            self._done.append(self._line + "\n")
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
