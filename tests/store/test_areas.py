"""The blobs of every kind of store that we make pass the same suite."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.store.layout import Area
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.remote import RemoteBlobs
from jupyter_crdt_outputs.store.remote import areas as remote_areas
from jupyter_crdt_outputs.store.remote.file_info import modified_in
from jupyter_crdt_outputs.testing.blobs_suite import DATA, DIGEST, BlobsOpener, BlobsSuite, put


class TestLocalBlobs(BlobsSuite):
    @pytest.fixture
    def open_blobs(self, tmp_path: Path) -> BlobsOpener:
        return lambda: LocalBlobs(tmp_path / "store")

    def test_a_blob_in_the_trash_is_as_old_as_its_stay_there(self, open_blobs: BlobsOpener, tmp_path: Path) -> None:
        """A rename alone would keep the time of the write, and what was old before would be purged at once."""
        blobs = open_blobs()
        put(blobs, DATA)
        os.utime(tmp_path / "store" / "sha256" / DIGEST.hex[:2] / DIGEST.hex, (1.0, 1.0))
        assert self.time_of(blobs, Area.ARTIFACTS) == 1.0
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert self.is_now(self.time_of(blobs, Area.TRASH))

    def test_folders_that_somebody_removed_are_made_again(self, open_blobs: BlobsOpener, tmp_path: Path) -> None:
        blobs = open_blobs()
        put(blobs, DATA)
        blobs.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        blobs.records.write("pins", "one", b"")
        (tmp_path / "store" / "records").rename(tmp_path / "elsewhere")
        (tmp_path / "store" / "sha256" / DIGEST.hex[:2]).rmdir()
        assert blobs.move(DIGEST, Area.TRASH, Area.ARTIFACTS)
        blobs.records.write("pins", "two", b"")
        assert blobs.read(DIGEST) == DATA
        assert [record.name for record in blobs.records.list("pins")] == ["two"]

    def test_a_link_in_the_place_of_the_trash_is_not_followed(self, open_blobs: BlobsOpener, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        put(open_blobs(), DATA)
        (tmp_path / "store" / "trash").symlink_to(tmp_path / "outside")
        with pytest.raises(StoreUnavailable, match="not followed"):
            open_blobs().move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert list((tmp_path / "outside").iterdir()) == []


class TestMemoryBlobs(BlobsSuite):
    @pytest.fixture
    def open_blobs(self) -> BlobsOpener:
        url = f"memory://{uuid.uuid4().hex}/outputs"
        return lambda: open_blobs(url)

    def test_two_that_move_a_blob_to_and_fro_within_a_tick_of_the_clock_leave_one(
        self, open_blobs: BlobsOpener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One collector is overtaken, between its copy and its removal, by another and by a reader after that."""
        monkeypatch.setattr(remote_areas, "modified_in", lambda _info: 0.0)
        slow, fast = open_blobs(), open_blobs()
        put(slow, DATA)
        assert isinstance(slow, RemoteBlobs)
        copy = slow._files.copy

        def overtaken(path: str, target: str) -> None:
            copy(path, target)
            assert fast.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
            assert fast.move(DIGEST, Area.TRASH, Area.ARTIFACTS)

        monkeypatch.setattr(slow._files, "copy", overtaken)
        slow.move(DIGEST, Area.ARTIFACTS, Area.TRASH)
        assert fast.stat(DIGEST) is not None or fast.move(DIGEST, Area.TRASH, Area.ARTIFACTS)
        assert fast.read(DIGEST) == DATA

    def test_an_artifact_that_was_written_again_while_it_was_copied_stays(
        self, open_blobs: BlobsOpener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As when somebody heals what goes into quarantine."""
        blobs = open_blobs()
        put(blobs, DATA)
        assert isinstance(blobs, RemoteBlobs)
        monkeypatch.setattr(blobs._files, "copy", lambda _path, _target: put(open_blobs(), DATA))
        blobs.move(DIGEST, Area.ARTIFACTS, Area.QUARANTINE)
        assert blobs.read(DIGEST) == DATA


class TestBlobsOnAFileSystemWithoutAtomicWrites(BlobsSuite):
    @pytest.fixture
    def open_blobs(self, tmp_path: Path) -> BlobsOpener:
        return lambda: RemoteBlobs(LocalFileSystem(skip_instance_cache=True), str(tmp_path), "for a test")

    def test_a_touch_takes_a_file_of_its_own_that_goes_with_the_blob(
        self, open_blobs: BlobsOpener, tmp_path: Path
    ) -> None:
        blobs = open_blobs()
        put(blobs, DATA)
        path = tmp_path / "sha256" / DIGEST.hex[:2] / DIGEST.hex
        os.utime(path, (1.0, 1.0))
        blobs.touch(DIGEST)
        assert path.stat().st_mtime == 1.0
        assert self.is_now(self.time_of(blobs, Area.ARTIFACTS))
        blobs.remove(DIGEST)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "info",
    [
        {"mtime": 86400},
        {"created": 86400.0},
        {"updated": "1970-01-02T00:00:00.000Z"},
        {"last_modified": "Fri, 02 Jan 1970 00:00:00 GMT"},
        {"created": 7.0, "mtime": 86400.0},
    ],
)
def test_the_time_of_a_file_is_understood_as_drivers_tell_it(info: dict[str, object]) -> None:
    assert modified_in(info) == 86400.0
    assert modified_in({"mtime": "yesterday", "size": 5}) is None
    assert modified_in({}) is None
