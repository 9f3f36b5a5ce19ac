"""Every kind of store that we make passes the same suite."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from jupyter_crdt_outputs.errors import ArtifactCorrupt
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.remote import RemoteBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.testing.damaging_store import flipping_store, truncating_store
from jupyter_crdt_outputs.testing.store_suite import ArtifactStoreSuite, Opener, Overwriter


def writer_below(root: Path) -> Overwriter:
    def overwrite(digest: Digest, data: bytes) -> None:
        (root / key_of(digest)).write_bytes(data)

    return overwrite


class TestLocalStore(ArtifactStoreSuite):
    @pytest.fixture
    def open(self, tmp_path: Path) -> Opener:
        return lambda: open_store(str(tmp_path / "store"))

    @pytest.fixture
    def overwrite(self, tmp_path: Path) -> Overwriter:
        return writer_below(tmp_path / "store")

    def test_a_flipped_byte_that_nobody_has_seen_yet_is_healed_by_a_put(
        self, open: Opener, overwrite: Overwriter
    ) -> None:
        """Comparing bytes is cheap on a local disk, so a dedup hit does not trust the size alone."""
        digest = open().put(b"abc")
        overwrite(digest, b"abX")
        store = open()
        store.put(b"abc")
        assert store.get(digest) == b"abc"


class TestMemoryStore(ArtifactStoreSuite):
    @pytest.fixture
    def url(self) -> str:
        return f"memory://{uuid.uuid4().hex}/outputs"

    @pytest.fixture
    def open(self, url: str) -> Opener:
        return lambda: open_store(url)

    @pytest.fixture
    def overwrite(self, url: str) -> Overwriter:
        return lambda digest, data: fsspec.filesystem("memory").pipe_file(f"{url}/{key_of(digest)}", data)

    def test_stores_of_other_names_share_nothing(self, open: Opener, url: str) -> None:
        """The memory file system is one for the whole process."""
        open().put(b"abc")
        assert list(open_store(url + "-other").digests()) == []


class TestStoreOnAFileSystemWithoutAtomicWrites(ArtifactStoreSuite):
    """SFTP and its like: a file aside, then a rename."""

    @pytest.fixture
    def open(self, tmp_path: Path) -> Opener:
        filesystem = LocalFileSystem(skip_instance_cache=True)
        return lambda: VerifiedStore(RemoteBlobs(filesystem, str(tmp_path), "for a test"))

    @pytest.fixture
    def overwrite(self, tmp_path: Path) -> Overwriter:
        return writer_below(tmp_path)

    def test_nothing_is_left_aside(self, open: Opener, tmp_path: Path) -> None:
        open().put_many([b"1", b"2"])
        assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("faulty", [flipping_store, truncating_store])
def test_a_disk_that_damages_what_it_reads_never_shows_it(
    faulty: Callable[[str], ArtifactStore], tmp_path: Path
) -> None:
    digest = open_store(str(tmp_path)).put(b"abc" * 100_000)
    store = faulty(str(tmp_path))
    with pytest.raises(ArtifactCorrupt):
        store.get(digest)
    with pytest.raises(ArtifactCorrupt):
        store.read(digest, 0, 1)
    assert store.put(b"def") == Digest.of(b"def")
    with pytest.raises(ArtifactCorrupt):
        store.read(Digest.of(b"def"), 0, 3)


def test_the_interface_has_at_most_eight_verbs_that_all_say_what_they_promise() -> None:
    verbs = [member for name, member in inspect.getmembers(ArtifactStore) if not name.startswith("_")]
    assert len(verbs) <= 8
    assert all(inspect.getdoc(verb) for verb in verbs)
