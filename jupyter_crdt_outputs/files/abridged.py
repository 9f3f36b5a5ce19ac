"""An output's text with its long plain strings left out: what is left is parsed in no time, whatever its size was."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat.v4.rwbase import rejoin_lines

from .pieces import text_of

_LONG = 1 << 14
_MARK = secrets.token_hex(16)
_TOKEN = re.compile(_MARK + r"(\d{8})")
_PLAIN = bytes(character for character in range(0x20, 0x80) if character not in b'"\\')


class Abridged:
    """One output of a notebook file, as nbformat reads it.

    Long runs of ASCII without quotes, escapes and controls, of which pictures are made, are tokens meanwhile. A token
    that is found once, in a string, stands for its run there: the grammar of JSON knows no other meaning for either.

    Args:
        text: of the output, as it stands in the file.

    Raises:
        ValueError, RecursionError, AttributeError: this is no output, and the file no notebook.
    """

    def __init__(self, text: bytes) -> None:
        self._runs: list[bytes] = []
        self._text = self._shortened(text)
        self._short = json.loads(self._text)
        if self._runs and sorted(self._tokens(self._short)) != list(range(len(self._runs))):
            self._runs, self._text = [], text
            self._short = json.loads(text)
        self._short = _rejoined(self._short)

    def is_exact(self) -> bool:
        """Whether the text is, byte for byte, what nbformat would write."""
        try:
            return text_of(self._short) == self._text
        except (UnicodeEncodeError, AttributeError, TypeError, KeyError):
            return False

    def output(self) -> dict[str, Any]:
        """All of it."""
        whole: dict[str, Any] = self._whole(self._short)
        return whole

    def signed(self) -> Iterator[bytes]:
        """What a notebook's signature takes of it, as ``nbformat.sign.yield_everything`` does.

        Raises:
            UnicodeEncodeError: half a character cannot be signed.
        """
        return self._signed(self._short)

    def _shortened(self, text: bytes) -> bytes:
        parts, kept, at = [], 0, 0
        while at + _LONG < len(text):
            end_of_line = text.rfind(b"\n", at, at + _LONG)
            if end_of_line >= 0:
                at = end_of_line + 1
                continue
            begin = _begin_of_string(text, at)
            stop = text.find(b'"', begin)
            escape = text.find(b"\\", begin, stop)
            stop = escape if escape >= 0 else stop
            if stop - begin >= _LONG and not text[begin:stop].translate(None, _PLAIN):
                parts += [text[kept:begin], f"{_MARK}{len(self._runs):08}".encode()]
                self._runs.append(text[begin:stop])
                kept = stop
            next_line = text.find(b"\n", max(begin, stop)) + 1
            at = next_line or len(text)
        return b"".join([*parts, text[kept:]]) if parts else text

    def _tokens(self, value: Any) -> Iterator[int]:
        if isinstance(value, str):
            yield from map(int, _TOKEN.findall(value))
        elif isinstance(value, dict):
            for item in value.values():
                yield from self._tokens(item)
        elif isinstance(value, list):
            for item in value:
                yield from self._tokens(item)

    def _split(self, value: str) -> Iterator[str | bytes]:
        for index, part in enumerate(_TOKEN.split(value)):
            yield self._runs[int(part)] if index % 2 else part

    def _whole(self, value: Any) -> Any:
        if isinstance(value, str) and self._runs:
            return "".join(part.decode("ascii") if isinstance(part, bytes) else part for part in self._split(value))
        if isinstance(value, dict):
            return {key: self._whole(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._whole(item) for item in value]
        return value

    def _signed(self, value: Any) -> Iterator[bytes]:
        if isinstance(value, str) and self._runs:
            for part in self._split(value):
                yield part if isinstance(part, bytes) else part.encode()
        elif isinstance(value, dict):
            for key in sorted(value):
                yield key.encode()
                yield from self._signed(value[key])
        elif isinstance(value, list):
            for item in value:
                yield from self._signed(item)
        else:
            yield str(value).encode()


def _begin_of_string(text: bytes, at: int) -> int:
    """Where the first string value of the line at *at* begins, which must be a line of an indented file."""
    key = text.find(b'": "', at, at + 256)
    return key + 4 if key >= 0 else text.find(b'"', at, at + 256) + 1


def _rejoined(output: Any) -> dict[str, Any]:
    if not isinstance(output, dict):
        raise ValueError("a cell has an output that is no object")
    notebook = nbformat.from_dict({"cells": [{"cell_type": "code", "outputs": [output]}]})
    rejoined: dict[str, Any] = rejoin_lines(notebook)["cells"][0]["outputs"][0]
    return rejoined
