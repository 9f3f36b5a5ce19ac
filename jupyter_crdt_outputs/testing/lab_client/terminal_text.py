"""How JupyterLab folds carriage returns and backspaces into the text of a stream output."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = re.compile("[\n\r\b]")


@dataclass
class TerminalText:
    """The last line of a stream and the cursor in it; earlier lines never change again.

    Attributes:
        line: what stands after the last line feed.
        cursor: where the next character goes, as an index into *line*.
    """

    line: str = ""
    cursor: int = 0

    def feed(self, text: str) -> tuple[str, str]:
        """Take more of the stream.

        Returns:
            The part of the old last line that stays, and the text that follows it from now on.
        """
        before = self.line
        finished: list[str] = []
        position = 0
        for control in _CONTROL.finditer(text):
            self._write(text[position : control.start()])
            position = control.end()
            if control.group() == "\n":
                finished.append(self.line + "\n")
                self.line, self.cursor = "", 0
            elif control.group() == "\r":
                self.cursor = 0
            elif self.cursor > 0:
                self.line = self.line[: self.cursor - 1] + self.line[self.cursor + 1 :]
                self.cursor -= 1
        self._write(text[position:])
        after = "".join(finished) + self.line
        kept = _common_prefix_length(before, after)
        return before[:kept], after[kept:]

    def _write(self, text: str) -> None:
        end = self.cursor + len(text)
        self.line = self.line[: self.cursor] + text + self.line[end:]
        self.cursor = end


def _common_prefix_length(left: str, right: str) -> int:
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))
