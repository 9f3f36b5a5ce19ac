"""Any order of what may happen to the queue of a kernel, against a list."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jupyter_crdt_outputs.document import executing
from jupyter_crdt_outputs.kernel import pace
from jupyter_crdt_outputs.kernel.headless import conversation
from jupyter_crdt_outputs.kernel.headless.batch import Batch
from jupyter_crdt_outputs.kernel.records import LiveRecord
from jupyter_crdt_outputs.model.executions import ExecutionRecord, RunRequest, Selector, source_digest

from .scripted_kernel import ROOM, ScriptedClient, System

CELLS = 4
LONG = os.environ.get("CRDT_OUTPUTS_LONG") is not None

cells = st.integers(0, CELLS - 1).map(str)


@dataclass(eq=False)
class Expected:
    """An execution as the list has it."""

    live: LiveRecord
    cell: str
    batch: int
    stops_on_error: bool
    must_be: str | None
    is_sent: bool = False
    status: str = "queued"
    error: str | None = None

    def __repr__(self) -> str:
        return f"{self.cell} of batch {self.batch}"


class QueueMachine(RuleBasedStateMachine):
    """The model: what waits, in order; the first of it is with the kernel."""

    @initialize(opening_s=st.sampled_from([0.0, 3600.0]))
    def start(self, opening_s: float) -> None:
        """A cell is written as soon as it was sent, or only when it has ended, as if it had taken no time."""
        self.opening = patch.object(pace, "_OPENING_S", opening_s)
        self.opening.start()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.ended: list[ExecutionRecord] = []
        with patch.object(conversation, "KernelClient", ScriptedClient):
            self.system = self.run(self._made())
        self.sources = [f"source {number}" for number in range(CELLS)]
        self.shown: list[tuple[list[str], int | None]] = [([], None) for _ in range(CELLS)]
        self.waiting: list[Expected] = []
        self.all: list[Expected] = []
        self.has_begun = False
        self.text = ""
        self.batches = 0
        self.processes = 1
        self.released: list[int] = []

    async def _made(self) -> System:
        return System(Path(self.folder.name), [f"source {number}" for number in range(CELLS)], self.ended.append)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def settled() -> Any:
            result = await work
            await self.system.settle() if hasattr(self, "system") else None
            return result

        return self.runner.run(settled())

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            while self.waiting:
                if not self.has_begun:
                    self.kernel_begins()
                self.kernel_ends("ok", True)
                self.nothing_is_out_of_order()
            self.run(self._call(self.system.rests.stop))
            assert sorted(self.released) == list(range(self.batches))
        finally:
            self.opening.stop()
            self.runner.close()
            self.folder.cleanup()

    @rule(chosen=st.lists(cells, min_size=1, max_size=4, unique=True), stops=st.booleans(), checks=st.booleans())
    def add(self, chosen: list[str], stops: bool, checks: bool) -> None:
        """A batch is added, as :class:`Runner` does it."""
        self.run(self._add(chosen, stops, checks))
        self._advance()

    async def _add(self, chosen: list[str], stops: bool, checks: bool) -> None:
        queue, number = self.system.queue, self.batches
        self.batches += 1
        request = RunRequest(None, ROOM, (Selector("all", ""),), stop_on_error=stops)
        batch = Batch(request, ROOM, lambda: self.released.append(number))
        for cell in chosen:
            source = self.sources[int(cell)]
            live = self.system.asked(cell)
            batch.add(live, source_digest(source) if checks else None)
            expected = Expected(live, cell, number, stops, source if checks else None)
            self.waiting.append(expected)
            self.all.append(expected)
        executing.schedule(self.system.room, chosen[1:] if queue.is_idle else chosen)
        for cell in chosen[1:] if queue.is_idle else chosen:
            if not self.shown[int(cell)][0]:
                self.shown[int(cell)] = ([], None)
        queue.add(batch)

    @precondition(lambda self: self.waiting and not self.has_begun)
    @rule()
    def kernel_begins(self) -> None:
        """The kernel takes up what it was sent."""
        self.text = f"{len(self.all)}.{self.system.count}\n"
        self.run(self._call(lambda: self.system.begin(self.text)))
        self.has_begun = True
        self.shown[int(self.waiting[0].cell)] = ([self.text], self.system.count)

    @precondition(lambda self: self.has_begun)
    @rule(status=st.sampled_from(["ok", "error"]), is_idle_first=st.booleans())
    def kernel_ends(self, status: str, is_idle_first: bool) -> None:
        """And is done with it."""
        first = self.waiting.pop(0)
        self.run(self._call(lambda: self.system.end(status, is_idle_first=is_idle_first)))
        if first.error is None:
            first.status, first.error = status, "Oops" if status == "error" else None
        else:
            first.error = "Oops" if status == "error" else None
        if status == "error":
            self.shown[int(first.cell)][0].append("Oops")
        self._over(first)

    @precondition(lambda self: self.waiting)
    @rule(statuses=st.lists(st.sampled_from(["ok", "error"]), min_size=1, max_size=4))
    def kernel_works(self, statuses: list[str]) -> None:
        """And does the next ones as well."""
        for status in statuses[: len(self.waiting)]:
            if self.waiting and not self.has_begun:
                self.kernel_begins()
            if self.waiting:
                self.kernel_ends(status, True)
            self.nothing_is_out_of_order()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Some of what goes on is cancelled; the kernel answers to an interrupt when it likes."""
        chosen = data.draw(st.lists(st.sampled_from(self.waiting), min_size=1, max_size=4, unique_by=id))
        self.run(self.system.queue.cancel([each.live for each in chosen]))
        for each in chosen:
            if each is self.waiting[0]:
                each.status, each.error = "cancelled", ""
            else:
                each.status = "cancelled"
                self.waiting.remove(each)

    @precondition(lambda self: self.waiting and self.processes < 3)
    @rule()
    def restart(self) -> None:
        """All that waits is cancelled, and the kernel is another process."""
        self.run(self._call(self.system.queue.drop_all))
        for each in self.waiting[1:]:
            each.status = "cancelled"
        del self.waiting[1:]
        self.kernel_dies()

    @precondition(lambda self: self.waiting and self.processes < 3)
    @rule()
    def kernel_dies(self) -> None:
        """What runs is interrupted, and with it the rest of its batch is dropped."""
        self.processes += 1
        first = self.waiting.pop(0)
        self.run(self._call(self.system.replace_process))
        if self.has_begun:
            self.shown[int(first.cell)] = (self.shown[int(first.cell)][0], None)
        else:
            self.shown[int(first.cell)] = ([], None)
        if first.error is None:
            first.status = "interrupted"
        first.error = "KernelDied"
        self._over(first)

    @rule(cell=cells, letter=st.sampled_from("ab"))
    def edit(self, cell: str, letter: str) -> None:
        """Somebody edits a cell, perhaps one that waits."""
        self.sources[int(cell)] = letter

        def write() -> None:
            source = self.system.room.cells[int(cell)]["source"]
            source.clear()
            source += letter

        self.run(self._call(write))

    async def _call(self, do: Callable[[], object]) -> None:
        do()

    def _over(self, first: Expected) -> None:
        had_begun, self.has_begun = self.has_begun, False
        if first.status == "error":
            drops = first.stops_on_error
        else:
            drops = first.status == "interrupted" or (first.status == "cancelled" and had_begun)
        if drops:
            self._drop_rest(first)
        self._advance()

    def _drop_rest(self, first: Expected) -> None:
        for each in [other for other in self.waiting if other.batch == first.batch]:
            each.status = "aborted"
            self.waiting.remove(each)
            self.shown[int(each.cell)] = ([], None)

    def _advance(self) -> None:
        """What is next is sent, unless it was edited."""
        while self.waiting and not self.waiting[0].is_sent:
            first = self.waiting[0]
            if first.must_be in (None, self.sources[int(first.cell)]):
                first.is_sent = True
                return
            first.status, first.error = "aborted", "SourceChanged"
            self.waiting.pop(0)
            self._drop_rest(first)

    @invariant()
    def nothing_is_out_of_order(self) -> None:
        """All is as the list has it."""
        if not hasattr(self, "system"):
            return
        for each in self.all:
            if each in self.waiting:
                assert not each.live.is_ended
                assert each.live.record.status == (
                    "running" if each is self.waiting[0] and self.has_begun else "queued"
                )
            else:
                assert (each.live.record.status, each.live.record.error or "") == (each.status, each.error or "")
        ended = [record.id for record in self.ended]
        assert len(ended) == len(set(ended)) == len(self.all) - len(self.waiting)
        assert len(self.system.client.requests) == len(self.waiting[:1])
        assert self.system.queue.is_idle == (not self.waiting)
        if not self.waiting:
            self._look_at_the_document()

    def _look_at_the_document(self) -> None:
        for number, (texts, count) in enumerate(self.shown):
            cell = self.system.document.get_cell(number)
            told = [output.get("text", output.get("ename")) for output in cell["outputs"]]
            assert (told, cell["execution_count"]) == (texts, count), (
                number,
                told,
                cell["execution_count"],
                texts,
                count,
            )
            assert self.system.room.cells[number].get("execution_state", "idle") == "idle"


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(
    max_examples=400 if LONG else 25,
    stateful_step_count=60 if LONG else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_cell_that_ran_and_is_dropped_with_a_later_batch_does_not_say_for_ever_that_it_runs() -> None:
    machine = QueueMachine()
    machine.start(opening_s=0.0)
    machine.add(chosen=["1"], stops=True, checks=False)
    machine.add(chosen=["3", "1"], stops=True, checks=True)
    machine.edit(cell="3", letter="a")
    machine.kernel_begins()
    machine.kernel_ends(status="ok", is_idle_first=True)
    machine.nothing_is_out_of_order()
    machine.teardown()
