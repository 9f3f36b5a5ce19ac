"""Outputs of notebooks as text, and as pictures no larger than is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.views import DEFAULT_CHARACTERS, NotebookView, ViewRequest
from .asking import API, LONG_S, output_params
from .steps import Ask, Call


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes:
        data: its bytes.
        mime: its type.
    """

    data: bytes
    mime: str


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
    answer = yield Ask(f"{API}/outputs", params={"path": path, **request.to_query()}, wait_s=LONG_S)
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
    answer = yield Ask(f"{API}/outputs/image", params={**output_params(path, cell, output), **given}, wait_s=LONG_S)
    return Picture(answer.content, answer.media_type)
