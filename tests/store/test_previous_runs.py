"""Outputs that are kept with the records of executions: which, for how long, and what holds on to their artifacts."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import ArtifactMissing, InvalidRequest, RootUnreadable, StoreFull, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.executions import ExecutionRecord
from jupyter_crdt_outputs.model.kept_outputs import INLINE_BYTES, MOST_BYTES, KeptOutputs, checked, json_of, parse_json
from jupyter_crdt_outputs.store.collection.marking import Marker
from jupyter_crdt_outputs.store.collection.marks import MarkReader
from jupyter_crdt_outputs.store.history import History, Query
from jupyter_crdt_outputs.store.history.keeping import OutputKeeper
from jupyter_crdt_outputs.store.history.previous import KeptRuns, runs_of
from jupyter_crdt_outputs.store.history.segments import Segments
from jupyter_crdt_outputs.store.history.tail import line_of, newest
from jupyter_crdt_outputs.store.local import LocalBlobs
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from ..model.outputs import hostile_outputs, json_values, outputs
from .collection.test_roots import output
from .test_history import DAY_S, record

LOG = logging.getLogger(__name__)
SMALL = [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
LARGE = [{"output_type": "display_data", "data": {"text/plain": "x" * INLINE_BYTES}, "metadata": {}}]


@pytest.fixture
def store(tmp_path: Path) -> VerifiedStore:
    return VerifiedStore(LocalBlobs(tmp_path / "store"))


def shows(digest: Digest, *, is_index: bool = False) -> list[dict[str, Any]]:
    """Outputs that refer to an artifact."""
    return [dict(output(digest, is_index=is_index))]


def kept_runs(store: VerifiedStore, folder: Path, most: int = 2, age_s: float = 30 * DAY_S) -> KeptRuns:
    return KeptRuns(lambda: store.blobs.records, store, folder, most, age_s)


def reached(*roots: KeptRuns) -> set[str]:
    return {found.digest.hex() for root in roots for found in root()}


def with_outputs(kept: Sequence[dict[str, Any]], *, age_s: float = 0, cell: str = "c") -> ExecutionRecord:
    return record(at=time.time() - age_s, cell=cell)._replace(kept=KeptOutputs(inline=list(kept)))


class TestKeeping:
    def test_small_outputs_are_in_the_record_and_large_ones_are_one_artifact(self, store: VerifiedStore) -> None:
        keeper = OutputKeeper(store, 10)
        small, large = keeper.keep(SMALL), keeper.keep(LARGE)
        assert small == KeptOutputs(inline=SMALL)
        assert large is not None
        assert large.stored == Digest.of(json.dumps(LARGE, separators=(",", ":"), sort_keys=True).encode())
        assert keeper.load(small) == SMALL
        assert keeper.load(large) == LARGE
        assert len(list(store.digests())) == 1

    def test_nothing_is_kept_of_nothing_or_of_too_much_or_when_none_is_wanted(self, store: VerifiedStore) -> None:
        keeper = OutputKeeper(store, 10)
        huge = [{"output_type": "stream", "name": "stdout", "text": "x" * MOST_BYTES}]
        nan = [{"output_type": "display_data", "data": {"application/json": float("nan")}, "metadata": {}}]
        assert [keeper.keep(each) for each in ([], huge, nan)] == [None] * 3
        assert OutputKeeper(store, 0).keep(SMALL) is None
        assert list(store.digests()) == []

    @pytest.mark.parametrize("error", [StoreFull("full"), StoreUnavailable("away"), OSError(28, "no room")])
    def test_a_store_that_does_not_take_them_costs_the_outputs_and_not_the_record(
        self, store: VerifiedStore, tmp_path: Path, error: Exception
    ) -> None:
        class Refusing(VerifiedStore):
            def put(self, data: bytes) -> Digest:
                raise error

        keeper = OutputKeeper(Refusing(store.blobs), 10)
        history = History(lambda: store.blobs.records, tmp_path / "tail", 100, DAY_S, LOG, keep=keeper.keep)
        history.start()
        one, other = record(), record()
        history.put(one, LARGE)
        history.put(other, SMALL)
        history.stop()
        assert history.find(Query(), 9) == [other, one]
        assert history.find(Query(has_outputs=True), 9) == [other._replace(kept=KeptOutputs(inline=SMALL))]

    def test_a_run_is_found_with_its_outputs_before_they_are_kept(self, store: VerifiedStore, tmp_path: Path) -> None:
        history = History(lambda: store.blobs.records, tmp_path / "tail", 100, DAY_S, LOG)  # never started
        one, other, silent = record(), record(), record()
        history.put(one, LARGE)
        history.put(other, [{"output_type": "stream", "name": "stdout", "text": "x" * MOST_BYTES}])
        history.put(silent)
        assert history.find(Query(has_outputs=True), 9) == [one._replace(kept=KeptOutputs(inline=LARGE))]
        assert history.find(Query(), 9) == [silent, other, one]

    def test_what_is_gone_or_damaged_is_said_to_be(self, store: VerifiedStore) -> None:
        keeper = OutputKeeper(store, 10)
        with pytest.raises(ArtifactMissing):
            keeper.load(KeptOutputs(stored=Digest.of(b"nowhere")))
        for data in (b"", b"{}", b"[" * 100_000, b"[1]", b'[{"output_type": "stream"}]', b" " * MOST_BYTES + b"[]"):
            with pytest.raises(InvalidRequest):
                keeper.load(KeptOutputs(stored=store.put(data)))
        with pytest.raises(InvalidRequest):
            keeper.load(KeptOutputs(inline=[{"output_type": "display_data", "data": "no bundle"}]))


class TestForm:
    @settings(deadline=None)
    @given(st.lists(outputs, max_size=4))
    def test_outputs_come_back_as_they_were_from_the_record_and_from_the_store(
        self, given_outputs: list[dict[str, Any]]
    ) -> None:
        data = json_of(given_outputs)
        assert (data is None) == (not given_outputs)
        if data is not None:
            assert parse_json(data) == given_outputs
            kept = record()._replace(kept=KeptOutputs(inline=given_outputs))
            assert newest([line_of(kept)]) == [kept]

    @settings(deadline=None)
    @given(json_values | st.lists(hostile_outputs, max_size=3) | st.dictionaries(st.just("sha256"), json_values))
    def test_whatever_stands_in_a_record_it_is_outputs_or_refused(self, value: Any) -> None:
        line = json.dumps(record().to_json() | {"outputs": value}).encode()
        (found,) = newest([line])
        if found.kept is not None and found.kept.stored is None:
            with contextlib.suppress(InvalidRequest):
                assert all(each["output_type"] for each in checked(found.kept.inline))

    @pytest.mark.parametrize("name", ["id", "cell", "file_id", "path"])
    @pytest.mark.parametrize("value", [None, 5, [], {"a": 1}])
    def test_a_record_whose_names_are_no_texts_is_none(self, name: str, value: object) -> None:
        good = with_outputs(SMALL)
        assert newest([json.dumps(good.to_line() | {name: value}).encode(), line_of(good)]) == [good]

    def test_outputs_are_in_no_event_and_in_no_list_of_executions(self) -> None:
        assert "outputs" not in with_outputs(SMALL).to_json()
        assert set(with_outputs(SMALL).to_line()) - set(with_outputs(SMALL).to_json()) == {"outputs"}


class TestRetention:
    def test_the_last_runs_of_a_cell_are_found_wherever_they_are(self, store: VerifiedStore, tmp_path: Path) -> None:
        def begin() -> History:
            keep = OutputKeeper(store, 2).keep
            history = History(lambda: store.blobs.records, tmp_path / "tail", 100, 30 * DAY_S, LOG, keep=keep)
            history.start()
            return history

        def found(history: History, **options: Any) -> list[str]:
            defaults: dict[str, Any] = {"most": 2, "age_s": 30 * DAY_S}
            return [each.id for each in runs_of(history.find, "id of a.ipynb", "c", **defaults | options)]

        ran = [record() for _ in range(4)]
        history = begin()
        for each in ran[:2]:
            history.put(each, LARGE)
        history.put(record(cell="d"), SMALL)
        history.put(record("b.ipynb"), SMALL)
        history.stop()
        history = begin()
        history.put(ran[2], SMALL)
        history.put(ran[3])  # put out nothing
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and found(history) != [ran[2].id, ran[1].id]:
            time.sleep(0.02)
        assert found(history) == [ran[2].id, ran[1].id]
        assert found(history, most=9) == [each.id for each in ran[2::-1]]
        assert found(history, most=0) == []
        assert found(history, age_s=1, clock=lambda: time.time() + 60) == []
        history.stop()

    def test_only_what_the_last_runs_refer_to_is_held(self, store: VerifiedStore, tmp_path: Path) -> None:
        digests = [Digest.of(b"%d" % number) for number in range(8)]
        tail = tmp_path / "tail"
        tail.mkdir()
        aged = [with_outputs(shows(digest), age_s=age) for digest, age in zip(digests, (9, 8, 7, 6), strict=False)]
        (tail / "a.jsonl").write_bytes(b"".join(map(line_of, aged[2:])) + line_of(aged[3])[:50])
        segments = Segments(store.blobs.records, 100, 30 * DAY_S)
        segments.write(aged[:2])
        old = with_outputs(shows(digests[5]), age_s=40 * DAY_S, cell="e")
        segments.write([old, with_outputs(shows(digests[4]), cell="d")])
        segments.write([record(cell="f")._replace(artifacts=(digests[6].hex,))])  # a record alone keeps nothing
        assert reached(kept_runs(store, tail)) == {digests[each].hex for each in (2, 3, 4)}
        assert reached(kept_runs(store, tail, most=9)) == {digests[each].hex for each in (0, 1, 2, 3, 4)}
        assert reached(kept_runs(store, tail, most=0)) == set()
        assert reached(kept_runs(store, tmp_path / "none")) == {digests[each].hex for each in (0, 1, 4)}

    def test_outputs_that_are_an_artifact_hold_it_and_what_they_refer_to(
        self, store: VerifiedStore, tmp_path: Path
    ) -> None:
        keeper = OutputKeeper(store, 10)
        indexed, plain = Digest.of(b"index"), Digest.of(b"plain")
        kept = keeper.keep([*LARGE, *shows(plain), *shows(indexed, is_index=True)])
        assert kept is not None
        assert kept.stored is not None
        gone = KeptOutputs(stored=Digest.of(b"gone"))
        segments = Segments(store.blobs.records, 100, 30 * DAY_S)
        segments.write(sorted([record()._replace(kept=kept), record()._replace(kept=gone)], key=lambda each: each.id))
        root = kept_runs(store, tmp_path / "tail")
        for _ in range(2):
            assert reached(root) == {each.hex for each in (kept.stored, indexed, plain, Digest.of(b"gone"))}
            assert {found.digest.hex() for found in root() if found.may_be_index} >= {indexed.hex}
        mark = Marker(store.blobs.records, "a" * 32, store, [root]).mark()
        reader = MarkReader(store.blobs.records, mark)
        assert bytes.fromhex(kept.stored.hex) in reader.shard(int(kept.stored.hex[:2], 16))
        reader.close()

    def test_every_server_on_a_store_holds_what_any_of_them_keeps(self, store: VerifiedStore, tmp_path: Path) -> None:
        mine, theirs, sealed = (Digest.of(each) for each in (b"mine", b"theirs", b"sealed"))
        for name, digest in (("one", mine), ("two", theirs)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.jsonl").write_bytes(line_of(with_outputs(shows(digest), cell=name)))
        Segments(store.blobs.records, 100, 30 * DAY_S).write([with_outputs(shows(sealed))])
        one, two = kept_runs(store, tmp_path / "one"), kept_runs(store, tmp_path / "two")
        assert reached(one) == {mine.hex, sealed.hex}
        assert reached(two) == {theirs.hex, sealed.hex}

    def test_what_cannot_be_read_stops_the_mark(self, store: VerifiedStore, tmp_path: Path) -> None:
        (tmp_path / "tail" / "a.jsonl").mkdir(parents=True)
        with pytest.raises(RootUnreadable):
            reached(kept_runs(store, tmp_path / "tail"))
        kept = OutputKeeper(store, 10).keep(LARGE)
        Segments(store.blobs.records, 100, 30 * DAY_S).write([record()._replace(kept=kept)])
        away = KeptRuns(lambda: store.blobs.records, _away(store), tmp_path / "none", 2, DAY_S)
        with pytest.raises(StoreUnavailable):
            reached(away)

    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("cd"), st.booleans()), max_size=30), st.integers(1, 4))
    def test_what_is_listed_is_what_is_held_however_the_records_lie(
        self, tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, str, bool]], most: int
    ) -> None:
        folder = tmp_path_factory.mktemp("runs")
        store = VerifiedStore(LocalBlobs(folder / "store"))
        (folder / "tail").mkdir()
        batches: list[list[ExecutionRecord]] = [[], [], []]
        for number, (age, cell, is_kept) in enumerate(made):
            run = with_outputs(shows(Digest.of(b"%d" % number)), age_s=float(age), cell=cell)
            batches[number % 3].append(run if is_kept else run._replace(kept=None))
        (folder / "tail" / "a.jsonl").write_bytes(b"".join(map(line_of, batches[0])))
        for batch in batches[1:]:
            if batch:
                batch = sorted(batch, key=lambda each: each.id)
                Segments(store.blobs.records, 100, 30 * DAY_S).write(batch)
        everything = [each for batch in batches for each in batch]

        def find(query: Query, limit: int) -> list[ExecutionRecord]:
            return sorted(filter(query.matches, everything), key=lambda each: each.id, reverse=True)[:limit]

        listed = [run for cell in "cd" for run in runs_of(find, "id of a.ipynb", cell, most, 30 * DAY_S)]
        held = {each.digest.hex() for each in kept_runs(store, folder / "tail", most)()}
        assert held == {_digest_in(run) for run in listed}


def _away(store: VerifiedStore) -> VerifiedStore:
    class Away(VerifiedStore):
        def get(self, digest: Digest) -> bytes:
            raise StoreUnavailable("away, for a test")

    return Away(store.blobs)


def _digest_in(run: ExecutionRecord) -> str:
    assert run.kept is not None
    assert run.kept.inline is not None
    (part,) = run.kept.inline[0]["data"]["application/vnd.jupyter-crdt-outputs.ref.v1+json"]["parts"].values()
    found: str = part["sha256"]
    return found
