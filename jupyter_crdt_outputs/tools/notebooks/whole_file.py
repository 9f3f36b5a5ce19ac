"""Files that are written whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import CrdtOutputsError
from ...files.replacing import CannotReplace, replacing
from ...store import durable
from .block_writer import BlockWriter
from .reading import ChangedMeanwhile


class CannotWrite(CrdtOutputsError):
    """The file cannot be replaced in one step. It is as it was."""


@contextmanager
def whole_file(path: Path, unchanged_from: tuple[int, ...] | None = None) -> Iterator[BinaryIO]:
    """A file to write from its beginning to its end, which comes to *path*, durably, when the body ends without error.

    Args:
        path: of the file. One that is there is replaced, and keeps its mode and attributes.
        unchanged_from: the identity of the file that is to be replaced, as it was read.

    Raises:
        ChangedMeanwhile: the file at *path* is another than *unchanged_from*; it stays.
        CannotWrite: the file has several names, belongs to another user, or is mounted; it stays.
        OSError: the disk is full, or the folder takes no file; what was there stays.
    """
    try:
        with replacing(path) as replacement, closing(BlockWriter(replacement.descriptor)) as writer:
            yield cast(BinaryIO, writer)
            writer.finish()
            durable.sync(replacement.descriptor)
            if unchanged_from is not None and durable.identity_of(path.stat()) != unchanged_from:
                raise ChangedMeanwhile(f"{path} was changed by somebody else meanwhile")
            replacement.commit()
    except CannotReplace as error:
        raise CannotWrite(
            f"{path} cannot be replaced in one step: it has several names, belongs to another user or is mounted there"
        ) from error
