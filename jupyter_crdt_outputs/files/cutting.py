"""A notebook file cut into its cells and its outputs, without parsing the outputs.

Writers of notebooks indent, and JSON has no line break within a string. So the lines that begin and end a cell's
outputs can be searched for, as bytes. That they are what they look like is then proved: the rest of the file is parsed
with a token in the place of each list of outputs, and every token must be found where outputs belong. A value of JSON
can be replaced by another one without any change to the meaning of the rest, so nothing else is to be proved but that
each of the cut-out texts is a list, which is known when it is parsed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

_CHUNK_BYTES = 1 << 20
"""Searched in one go: the interpreter does nothing else meanwhile."""

_OPENING = b": [" + 2 * b" "
_OPENS = re.compile(rb" ?: ?\[(?=\r?\n)")
"""Behind the bracket of a list that is not empty the line ends."""

_HEAD = re.compile(rb'\{(\r?\n)([ \t]{1,8})"')
_LARGEST_REST_BYTES = 1 << 26


class CannotCut(Exception):
    """This file is for a reader of the whole: minified, of another format, or no notebook at all."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written.

    Attributes:
        newline: between two lines.
        indent: of one level.
    """

    newline: bytes
    indent: bytes

    def line(self, level: int) -> bytes:
        """A new line that begins at this level."""
        return self.newline + level * self.indent


@dataclass(frozen=True, slots=True)
class Span:
    """Where the outputs of a cell are.

    Attributes:
        cell: number of the cell.
        start: of the opening bracket, in bytes from the beginning of the file.
        stop: behind the closing bracket.
    """

    cell: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A notebook file without outputs.

    Attributes:
        text: JSON of the notebook, with empty lists in the place of what was cut out.
        spans: what was cut out, in the order of the file.
        layout: of the file.
    """

    text: str
    spans: tuple[Span, ...]
    layout: Layout


def cut(descriptor: int) -> Skeleton:
    """Cut the file that is open as *descriptor*. Blocks; holds the interpreter for a millisecond at a time.

    Raises:
        CannotCut: see there.
        OSError: the file cannot be read.
    """
    layout = _layout(os.pread(descriptor, 64, 0))
    rest: list[bytes] = []
    found: list[tuple[int, int]] = []
    kept, size = 0, 0
    for start, stop in _candidates(descriptor, layout):
        rest.append(read_exactly(descriptor, kept, start))
        size += len(rest[-1])
        if size > _LARGEST_REST_BYTES:
            raise CannotCut
        found.append((start, stop))
        kept = stop
    rest.append(read_exactly(descriptor, kept, os.fstat(descriptor).st_size))
    if not found or size + len(rest[-1]) > _LARGEST_REST_BYTES:
        raise CannotCut
    return Skeleton(*_proved(rest, found), layout)


def _layout(head: bytes) -> Layout:
    match = _HEAD.match(head)
    if match is None:
        raise CannotCut
    return Layout(match[1], match[2])


def _candidates(descriptor: int, layout: Layout) -> Iterator[tuple[int, int]]:
    """What looks like the outputs of a cell, from bracket to bracket."""
    name, closing = layout.line(3) + b'"outputs"', layout.line(3) + b"]"
    longest = len(name) + len(_OPENING)
    begun, at, data = -1, 0, b""
    while chunk := os.pread(descriptor, _CHUNK_BYTES, at):
        data += chunk
        base, at, position = at - len(data) + len(chunk), at + len(chunk), 0
        while True:
            if begun < 0:
                found = data.find(name, position)
                if found < 0 or found + longest > len(data):
                    break
                position = found + len(name)
                if (opening := _OPENS.match(data, position)) is not None:
                    position = opening.end()
                    begun = base + position - 1
            else:
                found = data.find(closing, position)
                if found < 0:
                    break
                position = found + len(closing)
                yield begun, base + position
                begun = -1
        data = data[max(position, len(data) - longest) :]


def _proved(rest: list[bytes], found: list[tuple[int, int]]) -> tuple[str, tuple[Span, ...]]:
    token = secrets.token_hex(16)
    try:
        texts = [part.decode("utf-8") for part in rest]
        marked = texts[0] + "".join(f'"{token}{number}"{text}' for number, text in enumerate(texts[1:]))
        notebook = json.loads(marked)
    except (ValueError, RecursionError) as error:
        raise CannotCut from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise CannotCut
    spans: list[Span] = []
    for number, cell in enumerate(notebook["cells"]):
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        if isinstance(outputs, str):
            # Equality with the token that is due also shows that they are in order, and that none is there twice.
            if len(spans) == len(found) or outputs != f"{token}{len(spans)}" or cell.get("cell_type") != "code":
                raise CannotCut
            spans.append(Span(number, *found[len(spans)]))
    if len(spans) != len(found):
        raise CannotCut
    return "[]".join(texts), tuple(spans)


def outputs_in(descriptor: int, span: Span, layout: Layout) -> Iterator[tuple[int, bytes]]:
    """What looks like the outputs of a cell: where each begins, and its text. Ends before what looks like none.

    Raises:
        OSError: the file cannot be read.
    """
    lead, end = b"{" + layout.newline, layout.line(4) + b"}"
    before = b"[" + layout.line(4)
    start, read, data = span.start, span.start, bytearray()
    while True:
        searched = 0
        while (found := data.find(end, searched)) < 0:
            searched = max(0, len(data) - len(end))
            chunk = read_exactly(descriptor, read, min(read + _CHUNK_BYTES, span.stop))
            if not chunk:
                return
            data += chunk
            read += len(chunk)
        if not data.startswith(before + lead):
            return
        stop = found + len(end)
        with memoryview(data) as view:
            text = bytes(view[len(before) : stop])  # in one copy
        yield start + len(before), text
        del data[:stop]
        start += stop
        before = b"," + layout.line(4)


def read_exactly(descriptor: int, start: int, stop: int) -> bytes:
    """The bytes from *start* to *stop*. Raises OSError, also when the file has become shorter."""
    parts = []
    while start < stop:
        part = os.pread(descriptor, min(_CHUNK_BYTES, stop - start), start)
        if not part:
            raise OSError("the file became shorter while it was read")
        parts.append(part)
        start += len(part)
    return b"".join(parts)
