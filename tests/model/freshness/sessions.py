"""A notebook and its kernel in one process: cells are really run, and what has run is recorded as a server does it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_crdt_outputs.model.analysis import Names, names_of
from jupyter_crdt_outputs.model.executions import source_digest
from jupyter_crdt_outputs.model.freshness import CellRuns, Gone, Run, assess


def digest(source: str) -> str:
    return source_digest(source).hex


@dataclass
class Cell:
    id: str
    source: str
    shown: str | None = None
    runs: list[Run] = field(default_factory=list)


class Session:
    """A notebook that is being worked with.

    Args:
        sources: of its cells, whose ids are "0", "1" and so on.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self.cells = [Cell(str(number), source) for number, source in enumerate(sources)]
        self._gone: list[Gone] = []
        self._names: dict[str, Any] = {}
        self._life = 0
        self._clock = 0
        self._names_of: dict[str, Names] = {}  # what the server has seen
        self.see()

    def see(self) -> None:
        for cell in self.cells:
            if digest(cell.source) not in self._names_of:
                self._names_of[digest(cell.source)] = names_of(cell.source)

    def forget(self) -> None:
        """The server was restarted."""
        self._names_of.clear()
        self._gone.clear()

    def _now(self) -> str:
        self._clock += 1
        return f"2026-01-01T00:00:00.{self._clock:06}Z"

    def restart(self) -> None:
        self._names, self._life = {}, self._life + 1

    def run(self, *indices: int) -> None:
        for index in indices:
            cell = self.cells[index]
            cell.shown, is_complete = run(cell.source, self._names)
            cell.runs = [*cell.runs, Run(digest(cell.source), self._now(), f"k {self._life}", is_complete)][-16:]
        self.see()

    def run_all(self) -> None:
        self.run(*range(len(self.cells)))

    def run_stale(self) -> list[int]:
        stale = [index for index, found in enumerate(self.stale()) if found]
        self.run(*stale)
        return stale

    def edit(self, index: int, source: str) -> None:
        self.see()
        self.cells[index].source = source
        self.see()

    def delete(self, index: int) -> None:
        self.see()
        self._gone.append(Gone(self.cells.pop(index).runs, self._now()))

    def insert(self, index: int, source: str) -> None:
        self.cells.insert(index, Cell(f"new {self._now()}", source))
        self.see()

    def stale(self) -> list[str | None]:
        return [found.stale for found in self.findings()]

    def because(self) -> list[list[str]]:
        return [list(found.because) for found in self.findings()]

    def findings(self) -> Any:
        self.see()
        cells = [CellRuns(cell.id, digest(cell.source), cell.runs) for cell in self.cells]
        return assess(cells, self._names_of.get, self._gone)

    def would_show(self) -> list[str | None]:
        """What each cell that has run would show if it alone were run again, now."""
        return [None if cell.shown is None else run(cell.source, dict(self._names))[0] for cell in self.cells]

    def fresh(self) -> list[str]:
        """What the notebook shows when it is run from the top in a new kernel."""
        names: dict[str, Any] = {}
        return [run(cell.source, names)[0] for cell in self.cells]


def run(source: str, names: dict[str, Any]) -> tuple[str, bool]:
    """What a cell prints, and whether it came to its end."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(source, names)  # noqa: S102 - the sources are ours
    except Exception as error:
        return f"{printed.getvalue()}{type(error).__name__}", False
    return printed.getvalue(), True


def marks(session: Session) -> str:
    """How cells stand, one letter each: e(dited), u(pstream), a dot for fresh."""
    return "".join("." if each is None else each[0] for each in session.stale())


def ran(sources: Iterable[str]) -> Session:
    """A notebook that was run from the top."""
    session = Session(list(sources))
    session.run_all()
    return session
