"""The table and the file that a run leaves."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .work import Row, Work

# Rounds of one measure in one system.
Samples = Sequence[float]

_PACKAGES = ("jupyterlab", "jupyter_server", "jupyter-collaboration", "jupyter_ydoc", "pycrdt", "ipykernel", "tornado")
_UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))


@dataclass(frozen=True)
class Line:
    """One measured row.

    Attributes:
        ratio: ours divided by stock's; None where stock has nothing.
        met: whether the target is reached; None without a target.
    """

    work: str
    row: Row
    stock: float
    ours: float
    ratio: float | None
    target: str
    met: bool | None


def lines(work: Work, stock: Mapping[str, Samples], ours: Mapping[str, Samples]) -> Iterable[Line]:
    """The rows of *work*, judged."""
    for row in work.rows:
        a, b = _value(row, stock[row.measure]), _value(row, ours[row.measure])
        ratio = b / a if a else None
        checks: list[tuple[str, bool]] = []
        if row.at_most is not None:
            checks.append((f"≤ {_shown(row.at_most, row.unit)}", b <= row.at_most))
        if row.at_most_ratio is not None:
            checks.append((f"≤ {row.at_most_ratio:.3g} of stock", ratio is not None and ratio <= row.at_most_ratio))
        if row.at_most_of is not None:
            name, factor = row.at_most_of
            checks.append((f"≤ {factor:g} times bare", b <= factor * statistics.median(ours[name])))
        target = ", ".join(text for text, _ in checks)
        yield Line(work.name, row, a, b, ratio, target, all(met for _, met in checks) if checks else None)


def table(measured: Sequence[Line]) -> str:
    """All lines as one table of text."""
    rows = [("work", "measure", "stock", "ours", "ratio", "target", "")]
    previous = ""
    for line in measured:
        ratio = "" if line.ratio is None else f"{line.ratio:.3g}"
        met = {True: "met", False: "MISSED", None: ""}[line.met]
        stock, ours = _shown(line.stock, line.row.unit), _shown(line.ours, line.row.unit)
        work = "" if line.work == previous else line.work
        rows.append((work, line.row.measure, stock, ours, ratio, line.target, met))
        previous = line.work
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def write(directory: Path, measured: Sequence[Line], samples: Mapping[str, object], rounds: int) -> Path:
    """Write everything measured as JSON and return the file."""
    now = datetime.now(UTC)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{now:%Y%m%dT%H%M%SZ}.json"
    report = {
        "taken": now.isoformat(),
        "rounds": rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "rows": [
            {
                "work": line.work,
                "measure": line.row.measure,
                "unit": line.row.unit,
                "stock": line.stock,
                "ours": line.ours,
                "ratio": line.ratio,
                "target": line.target,
                "met": line.met,
            }
            for line in measured
        ],
        "samples": samples,
    }
    path.write_text(json.dumps(report, indent=2))
    return path


def _value(row: Row, samples: Samples) -> float:
    return max(samples) if row.worst else statistics.median(samples)


def _shown(value: float, unit: str) -> str:
    if unit != "B":
        return f"{value:,.4g} {unit}".strip() if value < 1000 else f"{value:,.0f} {unit}".strip()
    size, prefix = next((step for step in _UNITS if value >= step[0]), _UNITS[-1])
    return f"{value / size:.3g} {prefix}B"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
