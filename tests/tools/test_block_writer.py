"""A file that is written in large blocks, some of them past the system's cache, is the bytes that were given."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_crdt_outputs.tools.notebooks import block_writer
from jupyter_crdt_outputs.tools.notebooks.block_writer import BlockWriter

BLOCK = block_writer._BLOCK_BYTES


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def written(descriptor: int, size: int, piece: int) -> bytes:
    """What was given: *size* bytes, in pieces of *piece* bytes."""
    data = random.Random(size).randbytes(size)
    with closing(BlockWriter(descriptor)) as writer:
        for start in range(0, size, piece):
            writer.write(data[start : start + piece])
        writer.finish()
    return data


@pytest.mark.parametrize(
    ("size", "piece"),
    [(0, 1), (5, 2), (BLOCK, BLOCK), (BLOCK + 1, 3_000_001), (5 * BLOCK + 4097, 3 * BLOCK), (9 * BLOCK - 1, 1 << 20)],
)
def test_the_file_is_the_pieces_whatever_their_sizes(tmp_path: Path, descriptor: int, size: int, piece: int) -> None:
    data = written(descriptor, size, piece)
    assert (tmp_path / "file").read_bytes() == data


def test_a_file_system_that_takes_no_direct_writes_is_written_all_the_same(
    tmp_path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = getattr(os, "O_DIRECT", None)
    if direct is None:
        pytest.skip("this system has no direct writes")
    import fcntl

    pwrite, refused = os.pwrite, []

    def without(file: int, data: memoryview, at: int) -> int:
        if fcntl.fcntl(file, fcntl.F_GETFL) & direct:
            refused.append(at)
            raise OSError(errno.EINVAL, "Invalid argument")
        return pwrite(file, data, at)

    monkeypatch.setattr(os, "pwrite", without)
    data = written(descriptor, 4 * BLOCK + 7, BLOCK)
    assert refused
    assert (tmp_path / "file").read_bytes() == data


def test_what_the_disk_does_not_take_is_an_error_at_the_latest_when_the_file_is_finished(
    descriptor: int, full_after: Callable[[int], None]
) -> None:
    full_after(3 * BLOCK)
    with pytest.raises(OSError, match="File too large"):
        written(descriptor, 4 * BLOCK, BLOCK)


def test_a_file_may_be_as_large_as_its_limit_although_it_is_made_longer_ahead(
    tmp_path: Path, descriptor: int, full_after: Callable[[int], None]
) -> None:
    full_after(3 * BLOCK)
    data = written(descriptor, 3 * BLOCK, BLOCK)
    assert (tmp_path / "file").read_bytes() == data


@pytest.fixture
def full_after() -> Iterator[Callable[[int], None]]:
    """Let no file of this process be longer than so many bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
