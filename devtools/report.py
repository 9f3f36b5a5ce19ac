"""What the test runners counted, gathered at the end of ``python3 dev.py test``."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

SUITES = {
    "jest": "jest.json",
    "pytest, jupyter-collaboration 4.4": "pytest-4.xml",
    "pytest, jupyter-collaboration 5": "pytest-5.xml",
    "browsers": "ui.xml",
}


@dataclass(frozen=True)
class Counts:
    """How many tests ended in which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def forget(reports: Path) -> None:
    """Remove the results of an earlier run, so that a runner that never started is noticed."""
    shutil.rmtree(reports, ignore_errors=True)


def show(reports: Path) -> bool:
    """Print the counts of each suite in *reports* and their sum. False if any failed, is missing or ran nothing."""
    good, total = True, Counts()
    for name, file in SUITES.items():
        path = reports / file
        counts = _read(path) if path.exists() else Counts()
        good = good and counts.failed == 0 and counts.passed > 0
        total += counts
        print(f"{name:<36} {counts if path.exists() else 'left no result'}")
    print(total, flush=True)
    return good


def _read(path: Path) -> Counts:
    if path.suffix == ".json":
        told = json.loads(path.read_text())
        failed = told["numFailedTests"] + told["numRuntimeErrorTestSuites"]
        return Counts(told["numPassedTests"], failed, told["numPendingTests"] + told["numTodoTests"])
    cases = list(ElementTree.parse(path).iter("testcase"))  # noqa: S314 - our own test runners wrote it
    skipped = sum(case.find("skipped") is not None for case in cases)
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    return Counts(len(cases) - skipped - failed, failed, skipped)
