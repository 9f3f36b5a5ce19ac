"""A short journal of document updates, for those that a killed server had shown but not yet put into its history.

Upstream sends an update to the browsers and then writes it to the history, which can lag behind by seconds on a busy
machine. Here every update is in a file before any browser has it. Applying an update twice changes nothing, so the
journal may hold more than is missing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pycrdt import Decoder, Doc, Encoder

_ROTATE_S = 20.0
"""The history is never this far behind. At most two such spans are kept."""

_ROTATE_BYTES = 1 << 26


class Journals:
    """The journals of a server's open notebooks, in a folder of their own.

    Survives the death of the process, not of the machine: nothing is synced to the disk, since that would take longer
    than the update. A full disk ends journaling for a notebook, with a warning; of two servers on one notebook, the
    one that opened it last keeps a journal that will be found.

    Args:
        folder: made when needed; private to the user.
        log: for warnings.
    """

    def __init__(self, folder: Path, log: logging.Logger) -> None:
        self._folder = folder
        self._log = log
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def updates(self, room_id: str) -> list[bytes]:
        """What an earlier server left for this notebook, oldest first; a torn end is passed over. Blocks."""
        return [update for path in self._left(room_id) for update in _read(path)]

    def follow(self, room_id: str, doc: Doc[Any]) -> None:
        """Begin anew: from now on every update of *doc* is in the journal before anybody else sees it."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._thread.submit(_remove, self._left(room_id))
            journal = _Journal(self._folder / f"{_name(room_id)}.{secrets.token_hex(4)}", self._thread, self._log)
        except OSError as error:
            self._log.warning("no journal is kept for %s: %s", room_id, error)
            return
        journal.append(updates_of_this_server(doc))
        doc.observe(lambda event: journal.append(event.update))

    def _left(self, room_id: str) -> list[Path]:
        return sorted(self._folder.glob(f"{_name(room_id)}.*"), key=lambda path: path.suffix)


class _Journal:
    """Numbered files, of which the last two are kept.

    To write to a file takes no time, but to make or remove one waits for the file system while it writes down a large
    file, perhaps for a fifth of a second. So that is done in a thread, and until then all goes to the file before.
    """

    def __init__(self, path: Path, thread: ThreadPoolExecutor, log: logging.Logger) -> None:
        self._path = path
        self._thread = thread
        self._log = log
        self._number = 0
        self._file: BinaryIO | None = None
        self._next: Future[BinaryIO] | None = None
        self._begun_at, self._size = time.monotonic(), 0
        self._file = self._make(0)

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._next is not None:
            self._next.add_done_callback(_close)

    def append(self, update: bytes) -> None:
        """Write to the page cache: microseconds, and safe from the death of this process."""
        if self._file is None:
            return
        try:
            if self._next is not None:
                if self._next.done():
                    self._turn(self._file, self._next.result())
            elif time.monotonic() - self._begun_at > _ROTATE_S or self._size > _ROTATE_BYTES:
                self._next = self._thread.submit(self._make, self._number + 1)
            self._size += os.write(self._file.fileno(), len(update).to_bytes(4, "little") + update)
        except OSError as error:
            self._log.warning("the journal %s ends here: %s", self._path, error)
            self._file = self._next = None

    def _turn(self, before: BinaryIO, after: BinaryIO) -> None:
        self._thread.submit(before.close)
        self._thread.submit(_remove, [self._path_of(self._number - 1)])
        self._number += 1
        self._file, self._next = after, None
        self._begun_at, self._size = time.monotonic(), 0

    def _make(self, number: int) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.fdopen(os.open(self._path_of(number), flags, 0o600), "wb", buffering=0)

    def _path_of(self, number: int) -> Path:
        return self._path.with_suffix(f"{self._path.suffix}.{number:09}")


def _close(made: Future[BinaryIO]) -> None:
    with suppress(OSError):
        made.result().close()


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def updates_of_this_server(doc: Doc[Any]) -> bytes:
    """All that this process, and not a browser or an earlier server, wrote into the document, as one update.

    Upstream 4.4 makes one change, when it opens a document, that it neither sends nor puts into the history; and of one
    author's updates, none can be applied without those before it.
    """
    state, others = Decoder(doc.get_state()), Encoder()
    clocks = {state.read_var_uint(): state.read_var_uint() for _ in range(state.read_var_uint())}
    clocks.pop(doc.client_id, None)
    others.write_var_uint(len(clocks))
    for client, clock in clocks.items():
        others.write_var_uint(client)
        others.write_var_uint(clock)
    return doc.get_update(others.to_bytes())


def _name(room_id: str) -> str:
    return hashlib.sha256(room_id.encode()).hexdigest()[:32]


def _read(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    start = 0
    while start + 4 <= len(data):
        size = int.from_bytes(data[start : start + 4], "little")
        if start + 4 + size > len(data):
            return
        yield data[start + 4 : start + 4 + size]
        start += 4 + size
