"""The text of a notebook file in pieces: what is written anew each time, and the outputs, which seldom change."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import nbformat

Output = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutputPiece:
    """The place of an output's text.

    Attributes:
        key: equal for outputs with equal texts.
        output: in the document's form.
    """

    key: str
    output: Output


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
    separate: list[Output] = []

    def placed(output: Output) -> Output:
        if not is_separate(output):
            return output
        separate.append(output)
        return {"output_type": f"{token}:{len(separate) - 1}"}

    cells = [
        {**cell, "outputs": [placed(output) for output in cell["outputs"]]} if cell.get("outputs") else cell
        for cell in notebook["cells"]
    ]
    text = _written({**notebook, "cells": cells}) + "\n"
    pieces: list[bytes | OutputPiece] = []
    parts = re.split(r'\{\n +"output_type": "' + token + r':(\d+)"\n +\}', text)
    for index, part in enumerate(parts):
        if index % 2:
            output = separate[int(part)]
            pieces.append(OutputPiece(key(output), output))
        else:
            pieces.append(part.encode())
    return pieces


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
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def _written(notebook: Mapping[str, Any]) -> str:
    text: str = nbformat.v4.writes_json(nbformat.from_dict(notebook))
    return text
