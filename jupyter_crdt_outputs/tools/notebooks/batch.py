"""One thing done to many notebooks: a failure is told at the end, and the others are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ...errors import CrdtOutputsError, StoreUnavailable
from ...files.lacks import Incomplete, Lack
from ..grammar import PROGRAM
from ..output import warn
from ..progress import progress

T = TypeVar("T")

_GRAVEST_FIRST = (4, 3, 8, 5, 6, 2, 1)
_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """A notebook that was left as it was, and why."""

    path: Path
    error: Exception

    @property
    def exit_code(self) -> int:
        """That of its error."""
        error = self.error.gravest if isinstance(self.error, Incomplete) else self.error
        return error.exit_code if isinstance(error, CrdtOutputsError) else 1

    def lines(self) -> Iterator[str]:
        """For people, each with the name of the notebook."""
        text = str(self.error)
        if isinstance(self.error, OSError) and self.error.strerror:
            at = str(self.error.filename or self.path)
            text = f"{self.error.strerror}: {at}" if at != str(self.path) else self.error.strerror
        yield from (line if str(self.path) in line else f"{self.path}: {line}" for line in text.splitlines())

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        lacks = self.error.lacks if isinstance(self.error, Incomplete) else []
        return {
            "path": str(self.path),
            "error": "\n".join(self.lines()),
            "exit_code": self.exit_code,
            "outputs": [lack_json(lack) for lack in lacks],
        }


@dataclass(slots=True)
class Batch(Generic[T]):
    """What became of all: results in the order of the notebooks, and failures."""

    results: list[T] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """That of the gravest failure."""
        return gravest_code(failure.exit_code for failure in self.failures)

    def warn(self) -> None:
        """Tell people of each failure."""
        for failure in self.failures:
            for line in failure.lines():
                warn(f"{PROGRAM}: {line}")


def gravest_code(codes: Iterable[int]) -> int:
    """Of several exit codes, the one to leave the shell with; 0 of none."""
    given = set(codes)
    return next((code for code in _GRAVEST_FIRST if code in given), max(given, default=0))


def each_of(
    paths: Sequence[Path], work: Callable[[Path], T], what: str, unreadable: Sequence[OSError] = ()
) -> Batch[T]:
    """Do *work* on every notebook. A store that is away ends it: the rest would only wait for it, one after another.

    Args:
        paths: of the notebooks.
        work: raises CrdtOutputsError or OSError for one that it cannot do.
        what: is being done, for people.
        unreadable: folders in which there may be more.
    """
    batch: Batch[T] = Batch()
    batch.failures += [Failure(Path(error.filename), error) for error in unreadable]
    away = 0
    with progress(what, len(paths), unit="") as advance:
        for path in paths:
            try:
                if away == _FAILURES_IN_A_ROW:
                    raise StoreUnavailable("not tried, since the store does not answer")
                batch.results.append(work(path))
                away = 0
            except (CrdtOutputsError, OSError) as error:
                failure = Failure(path, error)
                batch.failures.append(failure)
                away = min(away + 1, _FAILURES_IN_A_ROW) if failure.exit_code == StoreUnavailable.exit_code else 0
            advance(1)
    return batch


def lack_json(lack: Lack) -> dict[str, Any]:
    """An output that is not there, for programs."""
    return {
        "cell": lack.where.cell,
        "id": lack.where.cell_id or None,
        "output": lack.where.output,
        "error": str(lack.error),
    }
