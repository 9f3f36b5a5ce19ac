"""Any sequence of verbs and damage on real files, against a dictionary."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from jupyter_crdt_outputs.errors import ArtifactCorrupt, ArtifactMissing
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.layout import key_of

from .places import temporary_files

contents = st.integers(0, 5).map(lambda number: bytes([number]) * (number * 100))


class LocalStoreMachine(RuleBasedStateMachine):
    """Two stores on one folder, as two servers would have it. The model says what lies in each file."""

    artifacts = Bundle("artifacts")

    @initialize()
    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.stores = [open_store(str(self.root)), open_store(str(self.root))]
        self.files: dict[Digest, bytes] = {}
        self.versions = 0

    def teardown(self) -> None:
        if hasattr(self, "root"):
            shutil.rmtree(self.root)

    @rule(target=artifacts, data=contents, who=st.integers(0, 1))
    def put(self, data: bytes, who: int) -> Digest:
        digest = self.stores[who].put(data)
        assert digest == Digest.of(data)
        self.files[digest] = data
        return digest

    @rule(several=st.lists(contents, max_size=8), who=st.integers(0, 1))
    def put_many(self, several: list[bytes], who: int) -> None:
        assert self.stores[who].put_many(several) == [Digest.of(data) for data in several]
        self.files.update({Digest.of(data): data for data in several})

    @rule(digest=consumes(artifacts), who=st.integers(0, 1))
    def delete(self, digest: Digest, who: int) -> None:
        self.stores[who].delete(digest)
        self.files.pop(digest, None)

    @rule(digest=artifacts, damage=st.sampled_from([b"", b"x", b"y" * 100, b"z" * 300]))
    def damage(self, digest: Digest, damage: bytes) -> None:
        if digest in self.files:
            self._write_past_the_store(digest, damage)

    @rule(digest=artifacts)
    def flip(self, digest: Digest) -> None:
        found = self.files.get(digest)
        if found:
            self._write_past_the_store(digest, found[:-1] + bytes([found[-1] ^ 1]))

    @rule(digest=artifacts)
    def truncate(self, digest: Digest) -> None:
        if digest in self.files:
            self._write_past_the_store(digest, self.files[digest][:-1])

    @rule(digest=artifacts, who=st.integers(0, 1))
    def get(self, digest: Digest, who: int) -> None:
        if self._is_right_or_says_so(digest, lambda store: store.get(digest), who):
            assert self.stores[who].get(digest) == self.files[digest]

    @rule(digest=artifacts, who=st.integers(0, 1))
    def verify(self, digest: Digest, who: int) -> None:
        if self._is_right_or_says_so(digest, lambda store: store.verify(digest), who):
            assert self.stores[who].verify(digest) == len(self.files[digest])

    @rule(digest=artifacts, who=st.integers(0, 1), start=st.integers(0, 600), stop=st.integers(0, 600))
    def read(self, digest: Digest, who: int, start: int, stop: int) -> None:
        if self._is_right_or_says_so(digest, lambda store: store.read(digest, start, stop), who):
            assert self.stores[who].read(digest, start, stop) == self.files[digest][start:stop]

    @invariant()
    def the_store_lists_what_is_there_and_leaves_nothing_aside(self) -> None:
        for store in getattr(self, "stores", []):
            assert sorted(store.digests()) == sorted(self.files)
            assert [store.size(digest) for digest in self.files] == [len(data) for data in self.files.values()]
            assert temporary_files(self.root) == []

    def _is_right_or_says_so(self, digest: Digest, ask: object, who: int) -> bool:
        assert callable(ask)
        store: ArtifactStore = self.stores[who]
        if digest not in self.files:
            expected: type[Exception] = ArtifactMissing
        elif Digest.of(self.files[digest]) != digest:
            expected = ArtifactCorrupt
        else:
            return True
        with pytest.raises(expected):
            ask(store)
        return False

    def _write_past_the_store(self, digest: Digest, data: bytes) -> None:
        path = self.root / key_of(digest)
        path.write_bytes(data)
        self.versions += 1  # a clock as coarse as the kernel's may not tell two writes within a tick apart
        os.utime(path, ns=(self.versions, self.versions))
        self.files[digest] = data


LocalStoreMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLocalStoreMachine = LocalStoreMachine.TestCase
