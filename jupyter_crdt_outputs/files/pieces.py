"""The text of a notebook file in pieces: what is written anew each time, and the outputs, which seldom change."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import nbformat

Output = Mapping[str, Any]

_BETWEEN = ",\n  "
"""Two cells."""

_NO_CELLS: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


@dataclass(frozen=True, slots=True)
class OutputPiece:
    """The place of an output's text.

    Attributes:
        key: equal for outputs with equal texts.
        output: in the document's form.
    """

    key: str
    output: Output


Pieces = tuple[bytes | OutputPiece, ...]


def key_of(output: Output) -> str:
    """Equal for outputs with equal texts; the order of keys is not that of the file, which has them sorted."""
    return sha256(json.dumps(output, sort_keys=True).encode()).hexdigest()


def pieces_of(
    notebook: Mapping[str, Any], is_separate: Callable[[Output], bool], key: Callable[[Output], str] = key_of
) -> list[bytes | OutputPiece]:
    """What the file of *notebook* consists of, in order; byte for byte what nbformat writes.

    Args:
        notebook: of nbformat 4.
        is_separate: whether an output is a piece of its own.
        key: of such an output.
    """
    token = secrets.token_hex(16)
    separate: list[OutputPiece] = []

    def placed(output: Output) -> Output:
        if not is_separate(output):
            return output
        separate.append(OutputPiece(key(output), output))
        return place_of(token, len(separate) - 1)

    cells = [
        {**cell, "outputs": [placed(output) for output in cell["outputs"]]} if cell.get("outputs") else cell
        for cell in notebook["cells"]
    ]
    return split_at(token, _written({**notebook, "cells": cells}) + "\n", separate)


def place_of(token: str, number: int) -> dict[str, str]:
    """What stands for an output in a notebook that is written, to be found by :func:`split_at`."""
    return {"output_type": f"{token}:{number}"}


def split_at(token: str, text: str, separate: Sequence[OutputPiece]) -> list[bytes | OutputPiece]:
    """A text with the outputs in their places.

    Args:
        token: of the places.
        text: of a notebook, or a cell of one, in which they stand.
        separate: by the numbers of their places.

    Raises:
        UnicodeEncodeError: half a character cannot be written.
    """
    parts = re.split(r'\{\n +"output_type": "' + token + r':(\d+)"\n +\}', text)
    return [separate[int(part)] if index % 2 else part.encode() for index, part in enumerate(parts)]


def cell_texts(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """The text of each cell where it stands in a file."""
    if not cells:
        return []
    before, after = _around_cells()
    # In an indented file, no other line than the first of a cell is this one: JSON has no line break in a string.
    first, *others = _written({**_NO_CELLS, "cells": list(cells)})[len(before) : -len(after)].split(_BETWEEN + "{\n")
    return [first, *("{\n" + other for other in others)]


def notebook_text(notebook: Mapping[str, Any], cells: Sequence[Iterable[bytes | OutputPiece]]) -> Pieces:
    """The pieces of a notebook, given those of its cells; the notebook's own are passed over.

    Raises:
        UnicodeEncodeError: half a character cannot be written.
    """
    if not cells:
        return ((_written({**notebook, "cells": []}) + "\n").encode(),)
    mark: dict[str, Any] = {"cell_type": "raw", "metadata": {}, "source": secrets.token_hex(16)}
    before, after = (_written({**notebook, "cells": [mark]}) + "\n").split(cell_texts([mark])[0])
    parts: list[bytes | OutputPiece] = [before.encode()]
    for number, cell in enumerate(cells):
        parts += [_BETWEEN.encode(), *cell] if number else cell
    return coalesced([*parts, after.encode()])


def coalesced(pieces: Iterable[bytes | OutputPiece]) -> Pieces:
    """The same with no two pieces of text in a row."""
    joined: list[bytes | OutputPiece] = []
    text: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            text.append(piece)
            continue
        if text:
            joined.append(b"".join(text))
            text = []
        joined.append(piece)
    return (*joined, b"".join(text)) if text else tuple(joined)


def text_of(output: Output) -> bytes:
    """The text of one output where it stands in a file."""
    before, after = _frame()
    return _written(_around(output))[before : -after or None].encode()


def plan_of(pieces: Iterable[bytes | OutputPiece]) -> str:
    """Equal for files with equal texts."""
    hashed = sha256()
    for piece in pieces:
        hashed.update(sha256(piece.key.encode() if isinstance(piece, OutputPiece) else piece).digest())
    return hashed.hexdigest()


@cache
def _around_cells() -> tuple[str, str]:
    """What stands before and after the cells of a notebook without metadata."""
    text = _written({**_NO_CELLS, "cells": [{"cell_type": "raw", "metadata": {}, "source": ""}]})
    start, stop = text.index("[\n  {") + len("[\n  "), text.index("\n ]")
    return text[:start], text[stop:]


@cache
def _frame() -> tuple[int, int]:
    """How many characters stand before and after the only output of a notebook."""
    before, after = _written(_around({"output_type": "\0"})).split('{\n     "output_type": "\\u0000"\n    }')
    return len(before), len(after)


def _around(output: Output) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [output],
        "source": "",
    }
    return {**_NO_CELLS, "cells": [cell]}


def _written(notebook: Mapping[str, Any]) -> str:
    text: str = nbformat.v4.writes_json(nbformat.from_dict(notebook))
    return text
