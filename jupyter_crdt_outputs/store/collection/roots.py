"""What a server's files reach: notebooks and their checkpoints, the history of documents, journals and logs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..durable import identity_of
from .references import Found, references_in
from .root_files import chunks, files_below, opened
from .updates import updates_in

LOGS, JOURNAL = "crdt-outputs-logs", "crdt-outputs-journal"
"""Folders of a server's data directory."""

_IN_A_NOTEBOOK = b"vnd.jupyter-crdt-outputs"
"""A notebook without this holds no reference, and most are complete."""

_SETTLED_S = 5.0
"""A file that was written this lately may be written again within a tick of its time."""


class FileRoots:
    """The files of one server, or of one that is not running. Remembers what did not change since it was read.

    Args:
        folders: where notebooks are; every one must be there.
        data_dir: of the server, with its logs and journals.
        history: the database of documents' histories, or a folder of such files; None or not there: none.
        decompress: what undoes the compression of updates in the history, where there is one.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        data_dir: Path,
        history: Path | None = None,
        decompress: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._data_dir = data_dir
        self._history = history
        self._decompress = decompress
        self._known: dict[str, tuple[tuple[int, ...], tuple[Found, ...]]] = {}

    def __call__(self) -> Iterator[Found]:
        """Everything that these files refer to, and perhaps more.

        Raises:
            RootUnreadable: something is not to be read, so that nobody knows what it refers to.
        """
        seen: dict[str, tuple[tuple[int, ...], tuple[Found, ...]]] = {}
        for folder in self._folders:
            for path in files_below(folder):
                if path.endswith(".ipynb"):
                    yield from self._in_notebook(path, seen)
        self._known = seen
        for folder in (self._data_dir / JOURNAL, self._data_dir / LOGS):
            if folder.is_dir():
                for path in files_below(folder):
                    if folder.name == JOURNAL or Path(path).name == "index":
                        yield from _scanned(path)
        if self._history is not None and self._history.is_dir():
            for path in files_below(self._history):
                yield from _scanned(path)
        elif self._history is not None and self._history.exists():
            yield from references_in(updates_in(self._history, self._decompress))

    def _in_notebook(self, path: str, seen: dict[str, tuple[tuple[int, ...], tuple[Found, ...]]]) -> Iterable[Found]:
        with opened(path) as file:
            if file is None:
                return ()
            before = identity_of(os.fstat(file.fileno()))
            known = self._known.get(path)
            if known is None or known[0] != before:
                found: tuple[Found, ...] = ()
                if any(_IN_A_NOTEBOOK in text for text in _overlapping(chunks(file))):
                    file.seek(0)
                    found = tuple(set(references_in(chunks(file))))
                known = (before, found)
                after = os.fstat(file.fileno())
                if identity_of(after) != before or time.time() - after.st_mtime < _SETTLED_S:
                    return found  # to be read again the next time
            seen[path] = known
            return known[1]


def _scanned(path: str) -> Iterator[Found]:
    with opened(path) as file:
        if file is not None:
            yield from references_in(chunks(file))


def _overlapping(pieces: Iterator[bytes]) -> Iterator[bytes]:
    before = b""
    for piece in pieces:
        text = before + piece
        yield text
        before = text[-len(_IN_A_NOTEBOOK) :]
