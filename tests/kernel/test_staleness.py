"""What records say of the cells of a notebook: of several kernels, of kernels that were restarted, of any language."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from pycrdt import Array, Doc, Map

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.kernel import freshness as freshness_module
from jupyter_crdt_outputs.kernel import staleness as module
from jupyter_crdt_outputs.kernel.freshness import Freshness
from jupyter_crdt_outputs.kernel.records import Ledger, new_id
from jupyter_crdt_outputs.kernel.shown_runs import digest_of
from jupyter_crdt_outputs.kernel.staleness import Snapshot, Staleness
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.executions import ExecutionRecord, source_digest
from jupyter_crdt_outputs.model.kept_outputs import KeptOutputs
from jupyter_crdt_outputs.store.history import History
from jupyter_crdt_outputs.store.history.segments import Segments
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.records import Records

SOURCES = {"a": "x = 1", "b": "print(x)", "c": "print(3)"}


class Kernel:
    """Makes records of what it runs."""

    def __init__(self, name: str = "k", language: str = "python") -> None:
        self._name = name
        self._language = language
        self._counts = count(1)

    def restart(self) -> None:
        self._counts = count(1)

    def run(self, cell: str, source: str | None = None, *, status: Any = "ok", **more: Any) -> ExecutionRecord:
        at = f"2026-01-01T00:00:00.{next(_CLOCK):06}Z"
        record = ExecutionRecord(
            new_id(), None, None, cell, "a.ipynb", "f", self._name, "spec", self._language, "ada", "browser", at
        )
        digest = source_digest(SOURCES[cell] if source is None else source).hex
        known: dict[str, Any] = {
            "started_at": at,
            "ended_at": at,
            "execution_count": next(self._counts),
            "source_sha256": digest,
        }
        return record._replace(status=status, **(known | more))


_CLOCK = count()


def seen(records: Iterable[ExecutionRecord], sources: dict[str, str] = SOURCES, language: str = "python") -> Snapshot:
    """The notebook as it is when the last execution of each cell has put out what it shows."""
    known = list(records)
    counts: dict[str, object] = dict.fromkeys(sources)
    counts.update({record.cell: record.execution_count for record in known})
    return Snapshot(sources, known, language, {}, counts)


def marks(notebook: Staleness, snapshot: Snapshot) -> str:
    return "".join((each.finding.stale or ".")[0] for each in notebook.find(snapshot))


def test_what_ran_again_in_the_same_life_of_a_kernel_counts_and_no_other() -> None:
    kernel, notebook = Kernel(), Staleness()
    records = [kernel.run("a"), kernel.run("b"), kernel.run("a")]
    assert marks(notebook, seen(records)) == ".u."
    for anew in (Kernel("other"), kernel):
        kernel.restart()
        records = [*records, kernel.run("b"), anew.run("a")]
        assert marks(Staleness(), seen(records)) == (".u." if anew is kernel else "...")
        kernel.restart()
        records = [*records, kernel.run("a")]
        assert marks(Staleness(), seen(records)) == "..."


def test_a_restart_that_was_seen_counts_before_anything_has_run_since() -> None:
    kernel, notebook = Kernel(), Staleness()
    records = [kernel.run("a"), kernel.run("b")]
    edited = seen(records, SOURCES | {"b": "print(x, x)"})
    assert notebook.to_run(edited, "k") == ["b"]
    assert notebook.to_run(edited, "other") == ["a", "b"]
    assert notebook.to_run(edited, "") == ["a", "b"]
    assert notebook.to_run(replace(edited, restarts={"k": ["2026-02-01T00:00:00.000000Z"]}), "k") == ["a", "b"]


def test_other_languages_go_by_order() -> None:
    kernel = Kernel(language="R")
    notebook, records = Staleness(), [kernel.run(cell) for cell in SOURCES]
    snapshot = seen(records, language="python")  # the kernel knows better
    assert snapshot.analysis == "order"
    assert marks(notebook, snapshot) == "..."
    assert marks(notebook, seen(records, SOURCES | {"b": "y"})) == ".eu"
    empty = SOURCES | {"c": " "}
    records.append(kernel.run("c", " ", started_at=None))
    assert marks(notebook, seen(records, empty)) == "..."
    assert marks(notebook, seen(records, empty | {"a": "y"})) == "eu."
    records.append(kernel.run("a"))
    assert marks(notebook, seen(records)) == ".ue"


def test_what_runs_or_waits_is_not_stale_and_counts_once_it_has_begun() -> None:
    kernel, notebook = Kernel(), Staleness()
    records = [kernel.run("a"), kernel.run("b")]
    queued = kernel.run("a", "x = 2", status="queued", started_at=None, source_sha256=None)
    edited = SOURCES | {"a": "x = 2"}
    assert marks(notebook, seen([*records, queued], edited)) == ".u."
    running = kernel.run("a", "x = 2", status="running")._replace(id=queued.id)
    found = notebook.find(seen([*records, running], edited))
    assert [each.finding.stale for each in found] == [None, "upstream", None]
    assert found[0].execution == running
    ended = running._replace(status="ok")
    assert notebook.find(seen([*records, ended], edited))[0].execution == ended


def test_what_was_dropped_before_it_began_leaves_things_as_they_were() -> None:
    kernel, notebook = Kernel(), Staleness()
    records = [kernel.run("a"), kernel.run("b")]
    aborted = kernel.run("b", status="aborted", started_at=None)
    found = notebook.find(seen([*records, aborted], SOURCES | {"a": "x = 2"}))
    assert [each.finding.stale for each in found] == ["edited", "upstream", None]
    assert found[1].execution == aborted


def test_outputs_that_were_cleared_are_of_no_run_and_not_stale() -> None:
    kernel, notebook = Kernel(), Staleness()
    snapshot = seen([kernel.run("a"), kernel.run("b")], SOURCES | {"a": "x = 2"})
    assert marks(notebook, snapshot) == "eu."
    cleared = replace(snapshot, counts={"a": None, "b": None, "c": None})
    assert [(each.execution, each.finding.stale) for each in notebook.find(cleared)] == [(None, None)] * 3


def test_a_former_run_that_was_put_back_is_what_a_cell_tells_of() -> None:
    kernel, notebook = Kernel(), Staleness()
    former, last = kernel.run("c", "print(2)"), kernel.run("c")
    snapshot = seen([former, last])
    assert notebook.find(snapshot)[2].execution == last
    shown = notebook.find(replace(snapshot, counts={**snapshot.counts, "c": 1}))[2]
    assert (shown.execution, shown.finding.stale) == (former, "edited")
    again = notebook.find(replace(snapshot, sources=SOURCES | {"c": "print(2)"}, counts={**snapshot.counts, "c": 1.0}))
    assert (again[2].execution, again[2].finding.stale) == (former, None)
    unknown = notebook.find(replace(snapshot, counts={**snapshot.counts, "c": 7}))[2]
    assert (unknown.execution, unknown.finding.stale) == (None, None)


def test_of_runs_with_one_count_a_cell_tells_of_the_one_whose_outputs_it_shows() -> None:
    kernel = Kernel()
    runs = []
    for said in "abb":
        kernel.restart()
        runs.append((kernel.run("c"), [text(said)]))
    (first, _), (_, _), (last, _) = runs
    kept = {run.id: KeptOutputs(outputs).digest for run, outputs in runs}
    snapshot = seen([run for run, _ in runs])

    def told(outputs: list[Any], digests: Mapping[str, Digest | None] = kept) -> ExecutionRecord | None:
        notebook = Staleness(lambda asked: {run: digests[run] for run in asked})
        assert notebook.in_doubt(snapshot) == ["c"]
        return notebook.find(replace(snapshot, outputs={"c": outputs}))[2].execution

    assert told([text("a")]) is first
    assert told([text("b")]) is last  # of two that cannot be told apart
    assert told([text("written since")]) is last
    assert told([]) is last
    assert told([], kept | {first.id: None}) is first  # the only one that may have put out nothing
    assert told([text("a")], dict.fromkeys(kept)) is last
    assert Staleness().in_doubt(replace(snapshot, counts={**snapshot.counts, "c": None})) == []
    running = last._replace(status="running", ended_at=None)
    assert Staleness().in_doubt(seen([*snapshot.records[:2], running])) == []


def test_outputs_are_known_again_as_a_document_gives_them_back() -> None:
    data = {"text/plain": "4", "application/x+json": {"b": [1, 2.5], "a": {"n": 2**40}}}
    output = {"output_type": "execute_result", "execution_count": 4, "data": data, "metadata": {}}
    outputs: Array[Any] = Array([Map(output)])
    doc: Doc[Any] = Doc({"outputs": outputs})
    given = doc["outputs"].to_py()
    assert repr(given) != repr([output])  # numbers, or the order of keys
    assert digest_of(given) == KeptOutputs([output]).digest


def text(said: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": said}


def test_a_kernel_that_died_leaves_no_count_and_its_run_is_told_all_the_same() -> None:
    kernel, notebook = Kernel(), Staleness()
    snapshot = seen([kernel.run("a", status="interrupted")])
    assert notebook.find(replace(snapshot, counts=dict.fromkeys(SOURCES)))[0].execution == snapshot.records[0]


def test_what_is_no_program_to_the_kernel_sets_nothing() -> None:
    sources = {"a": "x = 1", "b": "x = = 2", "c": "print(x)"}
    for error, expected in (("SyntaxError", "..."), ("SomethingElse", "..u")):
        kernel = Kernel()
        records = [kernel.run("a"), kernel.run("c", sources["c"])]
        records.append(kernel.run("b", sources["b"], status="error", error=error))
        assert marks(Staleness(), seen(records, sources)) == expected


def test_a_deleted_cell_is_missed_and_one_that_is_put_back_is_not() -> None:
    kernel, notebook = Kernel(), Staleness()
    records = [kernel.run("a"), kernel.run("b")]
    assert marks(notebook, seen(records)) == "..."
    without = {cell: source for cell, source in SOURCES.items() if cell != "a"}
    assert marks(notebook, seen(records, without)) == "u."
    assert marks(notebook, seen(records)) == "..."


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_SOURCES", 10)
    monkeypatch.setattr(module, "_MOST_GONE", 10)
    kernel, notebook = Kernel(), Staleness()
    for number in range(30):
        notebook.find(seen([kernel.run("a", str(number))], {f"{number}": f"x = {number}", "a": str(number)}))
    assert len(notebook._names) == 10
    assert len(notebook._gone) == 10


class FakeRoom:
    """As much of an open notebook as is looked at."""

    room_id = "json:notebook:f"
    file_id = "f"
    metadata: ClassVar[dict[str, Any]] = {"language_info": {"name": "python"}}
    cells = tuple(
        {"id": cell, "cell_type": "code", "source": source, "execution_count": {"a": 2, "b": 1}.get(cell)}
        for cell, source in SOURCES.items()
    )


async def test_while_the_store_is_away_what_is_known_here_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness_module, "_RETRY_S", 0.0)
    is_away = True

    def records() -> Records:
        if is_away:
            raise StoreUnavailable("away, for a test")
        return open_blobs(str(tmp_path / "store")).records

    kernel, log = Kernel(), logging.getLogger(__name__)
    history = History(records, tmp_path / "tail", 1000, 1e9, log)
    old = kernel.run("b")
    Segments(open_blobs(str(tmp_path / "store")).records, 1000, 1e9).write([kernel.run("a"), old])
    ledger = Ledger(history.put, lambda _record: None, keeps_sources=False)
    asked = Freshness(ledger, history)
    room = cast(Any, FakeRoom())
    assert [each.execution for each in (await asked.of(room)).cells] == [None, None, None]
    is_away = False
    found = (await asked.of(room)).cells
    assert (found[1].execution, found[2].execution) == (old, None)
    assert [each.finding.stale for each in found] == [None, "upstream", None]
