"""The updates in a database of documents' histories, whatever its tables are called."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from .root_files import unreadable


def updates_in(database: Path, decompress: Callable[[bytes], bytes] | None = None) -> Iterator[bytes]:
    """Every value in every table, as it is and decompressed, with a line's end after it. One transaction: a state.

    Raises:
        RootUnreadable: it is no database, or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("BEGIN")
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                quoted = '"' + table.replace('"', '""') + '"'
                for row in connection.execute(f"SELECT * FROM {quoted}"):  # noqa: S608 - the database's own name
                    for value in row:
                        yield from _bytes_of(value, decompress)
    except (sqlite3.Error, OSError) as error:
        raise unreadable(str(database), error) from error


def _bytes_of(value: object, decompress: Callable[[bytes], bytes] | None) -> Iterator[bytes]:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        yield value
        if decompress is not None:
            with suppress(Exception):  # what is not compressed: upstream could not read it as an update either
                yield decompress(value)
        yield b"\n"
