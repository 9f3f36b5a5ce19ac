"""The text of outputs line by line, and what is found in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest, ServerAway, StoreUnavailable
from .asking import API, LONG_S, output_params
from .steps import Ask, Call


@dataclass(frozen=True, slots=True)
class TextLines:
    """Some lines of a text.

    Attributes:
        first: number of the first, from 0.
        lines: without escapes and line ends.
        total: how many the text has.
        size: bytes of the whole text.
        is_live: whether it is still being written.
    """

    first: int
    lines: tuple[str, ...]
    total: int
    size: int
    is_live: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found in a text.

    Attributes:
        lines: numbers of the lines in which something was found, from 0, each once; of very many the first.
        count: how many times it was found in all.
    """

    lines: tuple[int, ...]
    count: int


def lines(
    path: str, cell: str, output: int = -1, *, start: int = 0, count: int = 100, tail: int | None = None
) -> Call[TextLines]:
    """Some lines of an output's text, be it short or a gigabyte.

    Args:
        path: of the notebook.
        cell: its id, or ``#`` and its index.
        output: its number, from the end when negative.
        start: the first line, from 0.
        count: how many, up to 5,000.
        tail: the last so many instead.

    Raises:
        NotFound: there is no such output, or it has no text.
    """
    which: dict[str, str | int] = {"from": start, "count": count} if tail is None else {"tail": tail}
    said = (
        yield Ask(f"{API}/outputs/lines", params={**output_params(path, cell, output), **which}, wait_s=LONG_S)
    ).json()
    try:
        return TextLines(
            int(said["first"]),
            tuple(map(str, said["lines"])),
            int(said["total"]),
            int(said["size"]),
            bool(said["live"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(f"not the lines of a text: {error}") from error


def search(
    path: str, cell: str, query: str, output: int = -1, *, is_regex: bool = False, match_case: bool = False
) -> Call[Hits]:
    """Look for something in an output's text, within its lines.

    Args:
        path: of the notebook.
        cell: its id, or ``#`` and its index.
        query: what to look for.
        output: its number, from the end when negative.
        is_regex: whether *query* is a regular expression.
        match_case: whether upper and lower case differ.

    Raises:
        NotFound: there is no such output, or it has no text.
        InvalidPattern: that cannot be looked for.
    """
    how: dict[str, str | int] = {"q": query, "regex": int(is_regex), "case": int(match_case)}
    answer = yield Ask(f"{API}/outputs/search", params={**output_params(path, cell, output), **how}, wait_s=LONG_S)
    found: list[int] = []
    count = 0
    for told in map(_object, answer.content.splitlines()):
        if "error" in told:
            raise StoreUnavailable(str(told["error"]))
        found += [hit[0] for hit in told.get("hits", ())]
        count = told.get("count", count)
    return Hits(tuple(dict.fromkeys(found)), count)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ServerAway("what answers is no Jupyter server with this extension: it does not speak JSON")
    return told
