"""Outputs of notebooks as text, line by line, and as pictures no larger than is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest, ServerAway, StoreUnavailable
from ..model.views import DEFAULT_CHARACTERS, NotebookView, ViewRequest
from .asking import API
from .steps import Ask, Call

_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes:
        data: its bytes.
        mime: its type.
    """

    data: bytes
    mime: str


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


def view(
    path: str,
    *,
    cell: str | None = None,
    index: int | None = None,
    start: int | None = None,
    stop: int | None = None,
    max_chars: int = DEFAULT_CHARACTERS,
    sources: bool = False,
) -> Call[NotebookView]:
    """Cells and what they put out, as text: as people see them if the notebook is open, else as they are saved.

    Args:
        path: of the notebook, below the server's root.
        cell: the id of one; or else
        index: of one, from the end when negative; or else
        start: of a range, as of a slice.
        stop: of that range.
        max_chars: of the text of each output; of a longer one there are its ends.
        sources: whether to give the cells' sources, too.

    Raises:
        NotFound, NotANotebook: the server's words.
    """
    request = ViewRequest(cell, index, start, stop, max_chars, sources)
    answer = yield Ask(f"{API}/outputs", params={"path": path, **request.to_query()}, wait_s=_PATIENCE_S)
    return NotebookView.parse(answer.json())


def picture(
    path: str,
    cell: str,
    output: int = -1,
    *,
    mime: str | None = None,
    max_pixels: int | None = None,
    max_bytes: int | None = None,
) -> Call[Picture]:
    """The picture that an output shows.

    Args:
        path: of the notebook.
        cell: its id, or ``#`` and its index.
        output: its number, from the end when negative.
        mime: of which of its pictures; None for the one that is best to look at.
        max_pixels: of the longer side; a larger one is made smaller.
        max_bytes: likewise.

    Raises:
        NotFound: there is no such output, or it shows none.
        ImageTooLarge: it cannot be made small enough.
    """
    wanted = {"type": mime, "max_pixels": max_pixels, "max_bytes": max_bytes}
    given = {name: value for name, value in wanted.items() if value is not None}
    answer = yield Ask(f"{API}/outputs/image", params={**_output(path, cell, output), **given}, wait_s=_PATIENCE_S)
    return Picture(answer.content, answer.media_type)


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
        yield Ask(f"{API}/outputs/lines", params={**_output(path, cell, output), **which}, wait_s=_PATIENCE_S)
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
    answer = yield Ask(f"{API}/outputs/search", params={**_output(path, cell, output), **how}, wait_s=_PATIENCE_S)
    found: list[int] = []
    count = 0
    for told in map(_object, answer.content.splitlines()):
        if "error" in told:
            raise StoreUnavailable(str(told["error"]))
        found += [hit[0] for hit in told.get("hits", ())]
        count = told.get("count", count)
    return Hits(tuple(dict.fromkeys(found)), count)


def _output(path: str, cell: str, output: int) -> dict[str, str | int]:
    return {"path": path, "cell": cell, "output": output}


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ServerAway("what answers is no Jupyter server with this extension: it does not speak JSON")
    return told
