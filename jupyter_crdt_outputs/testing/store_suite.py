"""What every artifact store must do. A new backend passes it by a subclass of a few lines::

class TestMyStore(ArtifactStoreSuite):
    @pytest.fixture
    def open(self, tmp_path):
        return lambda: MyStore(tmp_path)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..errors import ArtifactCorrupt, ArtifactMissing
from ..model.digest import Digest
from ..store import ArtifactStore

Opener = Callable[[], ArtifactStore]
Overwriter = Callable[[Digest, bytes], None]

DATA = bytes(range(256)) * 5000  # more than one chunk of anything, and no repetition at a power of two but 256
NOWHERE = Digest.of(b"never put")


class ArtifactStoreSuite:
    """Override ``open``, and ``overwrite`` where something can damage an artifact behind the store's back."""

    many = 300
    """How many artifacts make a long listing."""

    @pytest.fixture
    def open(self) -> Opener:
        """Opens the same, at first empty, place each time it is called."""
        raise NotImplementedError

    @pytest.fixture
    def overwrite(self) -> Overwriter:
        """Writes other bytes under the name of an artifact that is there, past the store."""
        pytest.skip("nothing can write past this store")

    @pytest.fixture
    def store(self, open: Opener) -> ArtifactStore:
        """An empty store."""
        return open()

    @pytest.mark.parametrize("data", [b"", b"\0", b"text\r\n", DATA], ids=["empty", "nul", "text", "large"])
    def test_what_was_put_comes_back_under_its_sha256(self, store: ArtifactStore, data: bytes) -> None:
        """put, get, size, verify."""
        digest = store.put(data)
        assert digest.hex == hashlib.sha256(data).hexdigest()
        assert store.get(digest) == data
        assert store.size(digest) == store.verify(digest) == len(data)

    def test_putting_again_changes_nothing(self, store: ArtifactStore) -> None:
        """Idempotent."""
        assert store.put(DATA) == store.put(DATA)
        assert list(store.digests()) == [Digest.of(DATA)]
        assert store.get(Digest.of(DATA)) == DATA

    def test_putting_many_names_each_in_order_also_when_some_are_equal(self, store: ArtifactStore) -> None:
        """put_many."""
        store.put(b"1")
        artifacts = [b"%d" % (number % 40) for number in range(100)]
        assert store.put_many(artifacts) == [Digest.of(data) for data in artifacts]
        assert [store.get(Digest.of(data)) for data in artifacts] == artifacts
        assert store.put_many([]) == []

    def test_slices_are_those_of_the_bytes(self, store: ArtifactStore) -> None:
        """Read."""
        digest = store.put(DATA)
        size = len(DATA)
        for start, stop in [(0, size), (0, 1), (7, 300_000), (size - 1, size + 5), (size, size + 1), (9, 9), (9, 3)]:
            assert store.read(digest, start, stop) == DATA[start:stop], (start, stop)
        with pytest.raises(ValueError, match="-1"):
            store.read(digest, -1, 5)
        with pytest.raises(ValueError, match="-2"):
            store.read(digest, 0, -2)

    def test_the_empty_artifact_has_the_empty_slice(self, store: ArtifactStore) -> None:
        """Read."""
        assert store.read(store.put(b""), 0, 10) == b""

    @pytest.mark.parametrize("verb", ["get", "size", "verify", "read"])
    def test_a_missing_artifact_is_missing_whatever_is_asked(self, store: ArtifactStore, verb: str) -> None:
        """Also in a store that holds others, and never an empty answer."""
        store.put(DATA)
        arguments = (0, 0) if verb == "read" else ()
        with pytest.raises(ArtifactMissing, match=NOWHERE.hex):
            getattr(store, verb)(NOWHERE, *arguments)

    def test_digests_names_each_artifact_once(self, store: ArtifactStore) -> None:
        """Digests."""
        assert list(store.digests()) == []
        digests = store.put_many([b"%d" % number for number in range(self.many)])
        assert sorted(store.digests()) == sorted(digests)

    def test_a_deleted_artifact_is_gone_and_can_be_put_again(self, store: ArtifactStore) -> None:
        """Delete, twice."""
        digest, other = store.put_many([DATA, b"other"])
        store.read(digest, 0, 1)
        store.delete(digest)
        store.delete(digest)
        assert list(store.digests()) == [other]
        with pytest.raises(ArtifactMissing):
            store.read(digest, 0, 1)
        store.put(DATA)
        assert store.get(digest) == DATA

    def test_what_one_puts_another_sees(self, open: Opener) -> None:
        """Two servers on one store."""
        digest = open().put(DATA)
        assert open().get(digest) == DATA

    def test_a_put_is_not_skipped_for_an_artifact_that_another_deleted(self, open: Opener) -> None:
        """A store may remember what it holds only as long as it is so (I1)."""
        one, other = open(), open()
        digest = one.put(DATA)
        other.delete(digest)
        one.put(DATA)
        assert other.get(digest) == DATA

    def test_many_threads_may_put_and_read_at_once(self, open: Opener) -> None:
        """Thread-safe, also across two stores on one place."""
        stores = [open(), open()]
        artifacts = [bytes([number % 7]) * 50_000 for number in range(60)]

        def put_and_read(number: int) -> bytes:
            store = stores[number % 2]
            return store.get(store.put(artifacts[number]))

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(put_and_read, range(len(artifacts)))) == artifacts
        assert len(list(stores[0].digests())) == 7

    @pytest.mark.parametrize("damaged", [DATA[:-1], b"", DATA + b"x"], ids=["cut", "emptied", "grown"])
    def test_an_artifact_of_the_wrong_size_is_never_shown_and_the_next_put_heals_it(
        self, open: Opener, overwrite: Overwriter, damaged: bytes
    ) -> None:
        """Else one truncated blob would be permanent corruption."""
        store = open()
        digest = store.put(DATA)
        overwrite(digest, damaged)
        for check in (store.get, store.verify, lambda digest: store.read(digest, 0, 1)):
            with pytest.raises(ArtifactCorrupt, match=digest.hex):
                check(digest)
        open().put(DATA)
        assert store.get(digest) == store.read(digest, 0, len(DATA)) == DATA

    def test_an_artifact_with_a_flipped_byte_is_never_shown_and_a_put_heals_what_was_found_corrupt(
        self, store: ArtifactStore, overwrite: Overwriter
    ) -> None:
        """I2, where the size says nothing."""
        digest = store.put(DATA)
        assert store.read(digest, 0, 5) == DATA[:5]
        overwrite(digest, DATA[:-1] + b"x")
        for check in (lambda digest: store.read(digest, 0, 1), store.get, store.verify):
            with pytest.raises(ArtifactCorrupt, match=digest.hex):
                check(digest)
        assert store.size(digest) == len(DATA)  # nothing was deleted
        store.put(DATA)
        assert store.get(digest) == store.read(digest, 0, len(DATA)) == DATA
