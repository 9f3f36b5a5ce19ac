"""Where text goes: a terminal, on which lines can be written over, or what has only finished lines."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
# ECMA-48 and what terminals made of it: CSI; OSC and the like with their strings; other escapes; control characters.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[]PX^_].*?(?:\x07|\x1b\\|\x9c|\Z)"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]",
    re.DOTALL,
)
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*)?\Z")
"""The beginning of what may be a colour, at the end of a piece of text."""


def without_escapes(text: str, *, keep_colours: bool) -> str:
    """Text that cannot do anything to a terminal: it may be anybody's, and from any time.

    Args:
        text: from a notebook.
        keep_colours: let pass what sets colours and weight.
    """
    if not keep_colours:
        return _ESCAPES.sub("", text)
    return _ESCAPES.sub(lambda found: found[0] if _COLOURS.fullmatch(found[0]) else "", text)


class Sink(ABC):
    """Takes text as it comes, and writes it to *file*."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @abstractmethod
    def write(self, text: str, *, returns: bool = False) -> None:
        """Add text; if it *returns*, in the place of the unfinished line."""

    @abstractmethod
    def end(self) -> None:
        """Nothing more comes from this cell."""

    def show(self, text: str) -> None:
        """Add whole lines that are clean, or hold links of ours, below what there is."""
        self.end()
        self._file.write(text)
        self._file.flush()


class Terminal(Sink):
    """A terminal: progress bars move, colours are seen.

    Args:
        file: the terminal.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._is_within_line = False
        self._begun = ""

    def write(self, text: str, *, returns: bool = False) -> None:
        """Show it."""
        if returns:
            self._begun = ""
            self._file.write("\r\x1b[K")
        text = self._begun + text
        begun = _BEGUN.search(text)
        self._begun = begun[0] if begun else ""
        text = text.removesuffix(self._begun)
        self._file.write(without_escapes(text, keep_colours=True))
        self._file.flush()
        if text or returns:
            self._is_within_line = bool(text) and not text.endswith("\n")

    def end(self) -> None:
        """What follows begins on a line of its own."""
        if self._is_within_line:
            self._file.write("\x1b[0m\n")
            self._file.flush()
        self._is_within_line = False


class Lines(Sink):
    """A pipe or a file: gets a line when it is finished, so of a progress bar what it was at the end.

    Args:
        file: text goes there without escapes.
        finishes: whether a cell's last line is finished if it is not.
    """

    def __init__(self, file: IO[str], *, finishes: bool) -> None:
        super().__init__(file)
        self._finishes = finishes
        self._line = ""

    def write(self, text: str, *, returns: bool = False) -> None:
        """Write what is finished."""
        if returns:
            self._line = ""
        before, newline, line = text.rpartition("\n")
        if newline:
            self._put(self._line + before + newline)
            self._line = ""
        self._line += line

    def end(self) -> None:
        """Write what is left."""
        if self._line:
            self._put(self._line + ("\n" if self._finishes else ""))
        self._line = ""

    def _put(self, text: str) -> None:
        self._file.write(without_escapes(text, keep_colours=False))
        self._file.flush()


def sink(file: IO[str]) -> Sink:
    """For one of this process's own streams."""
    return Terminal(file) if file.isatty() else Lines(file, finishes=True)


def file_sink(path: Path) -> Sink:
    """For a file, which is begun anew. Raises OSError."""
    return Lines(path.open("w", encoding="utf-8", errors="replace"), finishes=False)
