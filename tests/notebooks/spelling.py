"""Ways to write one notebook down: as nbformat does, and as everybody else does."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import nbformat

Notebook = dict[str, Any]
Spelling = Callable[[Notebook], bytes]


def as_nbformat(notebook: Notebook) -> bytes:
    """As Jupyter saves it. Also what is not valid."""
    return _json(notebook, indent=1, sort_keys=True) + b"\n"


def as_stock_saves(notebook: Notebook) -> bytes:
    """The same, with texts in lines: what a save without a change would leave as it is."""
    text: str = nbformat.v4.writes_json(nbformat.from_dict(notebook))
    return text.encode() + b"\n"


def shuffled(notebook: Notebook) -> bytes:
    """With its keys in no order."""
    return _json(_shuffle(notebook, random.Random(1)), indent=1)


SPELLINGS: dict[str, Spelling] = {
    "as stock saves it": as_stock_saves,
    "indented by 2": lambda notebook: _json(notebook, indent=2),
    "indented by 4": lambda notebook: _json(notebook, indent=4) + b"\n\n",
    "indented by tabs": lambda notebook: _json(notebook, indent="\t"),
    "on one line": lambda notebook: _json(notebook, separators=(",", ":")),
    "in ASCII": lambda notebook: json.dumps(notebook, indent=1).encode(),
    "keys in no order": shuffled,
    "with windows line ends": lambda notebook: as_stock_saves(notebook).replace(b"\n", b"\r\n"),
    "with a byte order mark": lambda notebook: b"\xef\xbb\xbf" + as_stock_saves(notebook),
    "with space around": lambda notebook: b"\n\n  " + as_stock_saves(notebook) + b"   \n",
    "without a last line feed": lambda notebook: as_stock_saves(notebook).rstrip(b"\n"),
    "in UTF-16": lambda notebook: json.dumps(notebook, ensure_ascii=False).encode("utf-16"),
    "in Latin-1": lambda notebook: json.dumps(notebook, ensure_ascii=False).encode("latin-1", "replace"),
}


def _json(notebook: Notebook, **options: Any) -> bytes:
    # Half a character can be escaped only.
    try:
        return json.dumps(notebook, ensure_ascii=False, **options).encode()
    except UnicodeEncodeError:
        return json.dumps(notebook, **options).encode()


def _shuffle(value: Any, seed: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        seed.shuffle(keys)
        return {key: _shuffle(value[key], seed) for key in keys}
    return [_shuffle(item, seed) for item in value] if isinstance(value, list) else value
