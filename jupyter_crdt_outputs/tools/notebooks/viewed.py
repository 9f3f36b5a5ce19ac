"""The outputs of a notebook as :mod:`...model.views` has them: on a server, or in a file."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

from jupyter_core.paths import jupyter_data_dir

from ...client import CellView, Client, NotebookView, OutputView, PartView
from ...model.digest import Digest
from ...model.plain_text import plain
from ...model.reference import BundleReference, reference_in
from ...model.views import MOST_CHARACTERS
from ...store import ArtifactStore
from ...store.collection.roots import LOGS
from ...streams.logs import Logs
from ...viewing.outputs import Viewer
from ...viewing.parts import inline_parts
from ...viewing.texts import Texts
from ..originals import Originals
from ..place import place_of
from .outputs_of import Opened

_CELLS_AT_ONCE = 50
_PIECE_BYTES = 1 << 20


class Viewed(ABC):
    """A notebook whose outputs are read."""

    @abstractmethod
    def cells(self) -> Iterator[CellView]:
        """Its cells with their outputs, of long texts the ends."""

    @abstractmethod
    def whole(self, cell: CellView, output: OutputView) -> Iterator[str]:
        """A text of which the view has the ends, in pieces; the ends where there is no more to be had."""

    @abstractmethod
    def bytes_of(self, cell: CellView, output: OutputView, part: PartView) -> bytes:
        """A part. Raises CrdtOutputsError."""

    def address(self, cell: CellView, output: OutputView, part: PartView) -> str:
        """Where a part can be fetched; empty if nowhere."""
        return ""


class OnServer(Viewed):
    """As people see it who have it open.

    Args:
        client: of the server.
        path: of the notebook there.
    """

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path
        self._view: NotebookView | None = None

    def cells(self) -> Iterator[CellView]:
        """Asks for some at a time."""
        for start in itertools.count(step=_CELLS_AT_ONCE):
            stop = start + _CELLS_AT_ONCE
            self._view = view = self._client.view(self._path, start=start, stop=stop, max_chars=MOST_CHARACTERS)
            yield from view.cells
            if stop >= view.cells_in_all:
                return

    def whole(self, cell: CellView, output: OutputView) -> Iterator[str]:
        """Of long streams, and of what is stored as plain text."""
        stored = next((part for part in output.parts if part.mime == "text/plain" and part.sha256), None)
        if output.stream is not None:
            yield from _plain_lines(self._client.stream_text(output.stream))
        elif stored is not None and output.mime is None:
            yield plain(self.bytes_of(cell, output, stored).decode("utf-8", "replace"))
        else:
            yield output.text or ""

    def bytes_of(self, cell: CellView, output: OutputView, part: PartView) -> bytes:
        """From the store, or out of the notebook."""
        if part.inline or part.sha256 is None:
            return self._client.picture(self._path, cell.id or f"#{cell.index}", output.index, mime=part.mime).data
        return self._client.artifact(part.sha256)

    def address(self, cell: CellView, output: OutputView, part: PartView) -> str:
        """On the server."""
        return "" if self._view is None else urljoin(self._client.url, self._view.url_of(cell, output, part))


class OfFile(Viewed):
    """As it was saved.

    Args:
        notebook: the file.
        options: name the store, which is opened when something is in it.
    """

    def __init__(self, notebook: Opened, options: argparse.Namespace) -> None:
        self._notebook = notebook
        store = cast(ArtifactStore, _Stored(options))
        self._texts = Texts(store, Logs(Path(jupyter_data_dir()) / LOGS, store))
        self._store = store
        self._outputs: list[Mapping[str, Any]] = []

    def cells(self) -> Iterator[CellView]:
        """One cell's outputs are in memory."""
        viewer = Viewer(self._texts)
        outputs = itertools.groupby(self._notebook.outputs(), key=lambda each: each[0])
        for index, found in outputs:
            cell = viewer.cell(index, {**self._notebook.notebook["cells"][index], "outputs": []}, MOST_CHARACTERS)
            self._outputs = [output for _, output in found]
            views = (viewer.output(number, each, MOST_CHARACTERS) for number, each in enumerate(self._outputs))
            yield dataclasses.replace(cell, outputs=tuple(views))

    def whole(self, cell: CellView, output: OutputView) -> Iterator[str]:
        """Read in pieces."""
        text = self._texts.of(self._outputs[output.index])
        if text is not None:
            starts = range(0, text.size, _PIECE_BYTES)
            yield from _plain_lines(text.read(at, at + _PIECE_BYTES).decode("utf-8", "replace") for at in starts)

    def bytes_of(self, cell: CellView, output: OutputView, part: PartView) -> bytes:
        """From the store, or out of the file."""
        given = self._outputs[output.index]
        reference = reference_in(given)
        stored = reference.parts.get(part.mime) if isinstance(reference, BundleReference) else None
        return dict(inline_parts(given))[part.mime] if stored is None else self._store.get(stored.digest)


class _Stored:
    """The store, opened when something is read from it: the file of a notebook is complete, if nobody wanted else."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._found: Originals | None = None

    @property
    def _store(self) -> Originals:
        if self._found is None:
            self._found = place_of(self._options).originals()
        return self._found

    def get(self, digest: Digest) -> bytes:
        return self._store.get(digest)

    def size(self, digest: Digest) -> int:
        return self._store.size(digest)

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        return self._store.read(digest, start, stop)


def _plain_lines(pieces: Iterator[str]) -> Iterator[str]:
    """Without escapes, which are within a line: each piece ends with one, but the last."""
    rest = ""
    for piece in pieces:
        lines, newline, end = piece.rpartition("\n")
        if newline:
            yield plain(rest + lines + newline)
            rest = end
        else:
            rest += end
    yield plain(rest)
