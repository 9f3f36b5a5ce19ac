"""What of a log survives the process that writes it: files of a folder, appended to and never synchronised piecemeal.

A killed server loses nothing that was appended; a power failure may lose the last seconds, but no whole segment.
"""

from __future__ import annotations

import errno
import json
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import InvalidReference, LogMissing
from ..model.segments import Segment, parse_segments
from ..store import durable

_INDEX, _REST = "index", "rest"
_RECORD = struct.Struct("<cI")
_HEADER, _FINAL, _LINE, _LINE_GROWS = b"@", b"+", b"=", b">"


class LogFiles:
    """Two files: the index of the segments that are in the store, and the rest of the text as it came.

    The rest is a list of records, of which a crash can cut the last; text that stays ends the line before it. It is
    replaced as a whole when its beginning has become segments, after these are in the index; so it says at which byte
    of the text it begins.

    Args:
        folder: exists, and is this log's alone.
        name: of the stream.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._name = name
        self._line = b""
        self._file = -1

    def append(self, final: bytes, line: bytes) -> None:
        """Add text that stays, and say what follows it for now. Raises OSError; what is in the files then stays."""
        records = _record(_FINAL, final) if final else b""
        before = b"" if final else self._line
        if not line.startswith(before):
            records += _record(_LINE, line)
        elif len(line) > len(before):
            records += _record(_LINE_GROWS, line[len(before) :])
        if records:
            _write(self._file, records)
            self._line = line

    def sealed(self, segments: Sequence[Segment], begins_at: int, rest: bytes, line: bytes) -> None:
        """These further segments are in the store, and the text goes on at byte *begins_at* with *rest*.

        Raises:
            OSError: the files are as they were, and can be appended to as before.
        """
        index = os.open(self.folder / _INDEX, os.O_WRONLY | os.O_CREAT | os.O_APPEND, durable.FILE_MODE)
        try:
            before = os.fstat(index).st_size
            try:
                _write(index, b"".join(segment.to_bytes() for segment in segments))
                durable.sync(index)
                self.begin(begins_at, rest, line)
            except OSError:
                os.ftruncate(index, before)
                raise
        finally:
            os.close(index)

    def close(self) -> None:
        """Write no more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def begin(self, begins_at: int, rest: bytes, line: bytes) -> None:
        """Replace the rest. A crash leaves the old one or the new; so does a full disk. Raises OSError."""
        fresh = self.folder / f"{_REST}.new"
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, durable.FILE_MODE)
        try:
            header = json.dumps({"name": self._name, "begins_at": begins_at}).encode()
            _write(file, _record(_HEADER, header) + _record(_FINAL, rest) + _record(_LINE, line))
            fresh.replace(self.folder / _REST)
        except OSError:
            os.close(file)
            raise
        self.close()
        self._file, self._line = file, line


def read_log(folder: Path) -> tuple[str, list[Segment], bytes]:
    """The stream's name, its segments and the rest of its text, as they are in the files of a log.

    Raises:
        LogMissing: there is no log, or none that can be read.
    """
    try:
        lines = (folder / _INDEX).read_bytes().splitlines(keepends=True) if (folder / _INDEX).exists() else []
        segments = list(parse_segments([line[:-1] for line in lines if line.endswith(b"\n")]))
        records = _records((folder / _REST).read_bytes())
        header = json.loads(next(records, (_HEADER, b"{}"))[1])
        final, line = bytearray(), b""
        for kind, data in records:
            if kind == _FINAL:
                final += data
                line = b""
            else:
                line = line + data if kind == _LINE_GROWS else data
        known = sum(segment.size for segment in segments) - int(header["begins_at"])
        return str(header["name"]), segments, bytes(final[max(0, known) :]) + line
    except (OSError, ValueError, KeyError, TypeError, InvalidReference) as error:
        raise LogMissing(f"this server has no log {folder.name}") from error


def _write(file: int, data: bytes) -> None:
    written = os.write(file, data)
    if written < len(data):  # the disk is full: leave no half of a record for others to follow
        os.ftruncate(file, os.fstat(file).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _record(kind: bytes, data: bytes) -> bytes:
    return _RECORD.pack(kind, len(data)) + data


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start + _RECORD.size <= len(data):
        kind, size = _RECORD.unpack_from(data, start)
        start += _RECORD.size
        if start + size > len(data):
            return  # cut by a crash
        yield kind, data[start : start + size]
        start += size
