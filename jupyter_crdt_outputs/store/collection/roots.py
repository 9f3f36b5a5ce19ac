"""What a server's files reach: notebooks and their checkpoints, the history of documents, journals and logs."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from ...errors import RootUnreadable
from ..durable import identity_of
from .references import Found, references_in

LOGS, JOURNAL = "crdt-outputs-logs", "crdt-outputs-journal"
"""Folders of a server's data directory."""

_IN_A_NOTEBOOK = b"vnd.jupyter-crdt-outputs"
"""A notebook without this holds no reference, and most are complete."""

_READ_BYTES = 1 << 20
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
            for path in _files(folder):
                if path.endswith(".ipynb"):
                    yield from self._in_notebook(path, seen)
        self._known = seen
        for folder in (self._data_dir / JOURNAL, self._data_dir / LOGS):
            if folder.is_dir():
                for path in _files(folder):
                    if folder.name == JOURNAL or Path(path).name == "index":
                        yield from _scanned(path)
        if self._history is not None and self._history.is_dir():
            for path in _files(self._history):
                yield from _scanned(path)
        elif self._history is not None and self._history.exists():
            yield from references_in(self._updates(self._history))

    def _in_notebook(self, path: str, seen: dict[str, tuple[tuple[int, ...], tuple[Found, ...]]]) -> Iterable[Found]:
        with _opened(path) as file:
            if file is None:
                return ()
            before = identity_of(os.fstat(file.fileno()))
            known = self._known.get(path)
            if known is None or known[0] != before:
                found: tuple[Found, ...] = ()
                if any(_IN_A_NOTEBOOK in text for text in _overlapping(_chunks(file))):
                    file.seek(0)
                    found = tuple(set(references_in(_chunks(file))))
                known = (before, found)
                after = os.fstat(file.fileno())
                if identity_of(after) != before or time.time() - after.st_mtime < _SETTLED_S:
                    return found  # to be read again the next time
            seen[path] = known
            return known[1]

    def _updates(self, database: Path) -> Iterator[bytes]:
        """Every value in every table, so that nothing depends on what they are called. One transaction: a state."""
        try:
            with closing(
                sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
            ) as connection:
                connection.execute("BEGIN")
                tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
                for (table,) in tables:
                    quoted = '"' + table.replace('"', '""') + '"'
                    for row in connection.execute(f"SELECT * FROM {quoted}"):  # noqa: S608 - the database's own name
                        for value in row:
                            yield from self._value(value)
        except (sqlite3.Error, OSError) as error:
            raise _unreadable(str(database), error) from error

    def _value(self, value: object) -> Iterator[bytes]:
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogatepass")
        if isinstance(value, bytes):
            yield value
            if self._decompress is not None:
                with suppress(Exception):  # what is not compressed: upstream could not read it as an update either
                    yield self._decompress(value)
            yield b"\n"


class _opened:
    """A plain file to read; None when it went meanwhile. Raises RootUnreadable."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO | None:
        try:
            if stat.S_ISREG(os.stat(self._path).st_mode):  # noqa: PTH116 - of a million files
                self._file = open(self._path, "rb", buffering=0)  # noqa: PTH123
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unreadable(self._path, error) from error
        return self._file

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if self._file is not None:
            self._file.close()
        if isinstance(error, OSError):
            raise _unreadable(self._path, error) from error


def _scanned(path: str) -> Iterator[Found]:
    with _opened(path) as file:
        if file is not None:
            yield from references_in(_chunks(file))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_READ_BYTES):
        yield chunk


def _overlapping(chunks: Iterator[bytes]) -> Iterator[bytes]:
    before = b""
    for chunk in chunks:
        text = before + chunk
        yield text
        before = text[-len(_IN_A_NOTEBOOK) :]


def _files(folder: Path) -> Iterator[str]:
    """Every file below *folder*, also behind links, each folder once."""
    been: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or error.filename == str(folder):
            raise _unreadable(str(error.filename), error) from error

    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        try:
            found = os.stat(parent)  # noqa: PTH116
        except FileNotFoundError:
            continue
        if (found.st_dev, found.st_ino) in been:
            folders.clear()
            continue
        been.add((found.st_dev, found.st_ino))
        for name in files:
            yield os.path.join(parent, name)  # noqa: PTH118


def _unreadable(path: str, error: Exception) -> RootUnreadable:
    return RootUnreadable(
        f"cannot read {path} ({error}), so nobody knows which outputs it refers to, and none that it may need are "
        "removed. Make it readable, or move it out of the folders that are looked through."
    )
