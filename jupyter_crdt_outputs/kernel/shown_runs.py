"""Which run of a cell it is that the cell shows.

It need not be the last one: outputs can be cleared, a former run put back, and a file checked out. Nothing in a
notebook says so but the outputs themselves and the number beside them, and they say it in any file and to any program.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_ydoc.utils import cast_all

from ..errors import StoreUnavailable
from ..model.digest import Digest
from ..model.executions import ExecutionRecord
from ..model.kept_outputs import KeptOutputs
from ..store.history import History, Query

_MOST_REMEMBERED = 5_000
_FEW = 8

Digests = Mapping[str, Digest | None]
"""Of what runs have put out, by their ids; None where nothing of it is kept."""


def candidates(records: Sequence[ExecutionRecord], count: object) -> list[ExecutionRecord]:
    """The runs that a cell may show, by the number that it shows; the newest first, which is the likeliest.

    An execution that never came to an end of its own leaves no count.

    Args:
        records: those of the cell, the newest last.
        count: the number.
    """
    last = records[-1:]
    if last and (last[0].status not in ("ok", "error") or (count is None and last[0].execution_count is None)):
        return list(last)
    return [record for record in reversed(records) if count is not None and record.execution_count == count]


def shown(found: Sequence[ExecutionRecord], outputs: Digest | None, digests: Digests) -> ExecutionRecord | None:
    """The run that a cell shows: of these, the newest that has put out the same, if its outputs tell.

    Args:
        found: :func:`candidates`.
        outputs: of the cell; None if it shows none, or nobody knows.
        digests: of the candidates.
    """
    same = [record for record in found if outputs is not None and digests.get(record.id) == outputs]
    unknown = [record for record in found if digests.get(record.id) is None]
    return next(iter([*same, *unknown, *found]), None)


def digest_of(outputs: list[Any]) -> Digest | None:
    """That of a cell's outputs as they were read from a document, which is changed by this; None of none."""
    cast_all(outputs, float, int)  # a document has floats for all numbers
    return KeptOutputs(inline=outputs).digest


class KeptDigests:
    """What the runs of a notebook have put out, in short: asked for once, and remembered. Used by one thread at a time.

    Args:
        history: has their outputs.
        file_id: of the notebook.
    """

    def __init__(self, history: History, file_id: str) -> None:
        self._history = history
        self._file_id = file_id
        self._known: OrderedDict[str, Digest | None] = OrderedDict()

    def __call__(self, runs: Collection[str]) -> Digests:
        """The digests of these runs; of those that are known here already, while the store is away. Blocks."""
        unknown = [run for run in runs if run not in self._known]
        with suppress(StoreUnavailable):
            found = {record.id: record.kept.digest for record in self._find(unknown) if record.kept is not None}
            self._known |= dict.fromkeys(unknown) | found
        told = {run: self._known.get(run) for run in runs}
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return told

    def _find(self, runs: Sequence[str]) -> list[ExecutionRecord]:
        if len(runs) <= _FEW:  # which are the last ones mostly, and those are at hand
            return [record for run in runs for record in self._history.find(Query(id=run, has_outputs=True), 1)]
        return self._history.find(Query(file_id=self._file_id, has_outputs=True), _MOST_REMEMBERED)
