"""What ``verify`` has found, as values, and in words."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ...errors import ArtifactCorrupt, ArtifactMissing, StoreUnavailable
from ...model.digest import Digest
from ..output import count_text, print_json, size_text


class State(Enum):
    """What was found."""

    OK = "ok"
    CORRUPT = "corrupt"
    MISSING = "missing"
    REMOVED = "purged"
    UNREADABLE = "unreadable"


_GRAVEST_FIRST = {
    State.CORRUPT: ArtifactCorrupt,
    State.MISSING: ArtifactMissing,
    State.UNREADABLE: StoreUnavailable,
}
"""What is wrong; that something was purged is not."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An artifact to look at.

    Attributes:
        digest: its name.
        is_needed: nobody else has the bytes, so it is a fault when it is missing.
        size: as far as known; 0 where it is not.
    """

    digest: Digest
    is_needed: bool
    size: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one artifact. ``reason`` is for people."""

    wanted: Wanted
    state: State
    size: int = 0
    reason: str = ""


@dataclass(slots=True)
class Report:
    """What became of all."""

    verified: int = 0
    size: int = 0
    not_stored: int = 0
    faults: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One more."""
        if outcome.state is State.OK:
            self.verified += 1
            self.size += outcome.size
        elif outcome.state is State.MISSING and not outcome.wanted.is_needed:
            self.not_stored += 1
        else:
            self.faults.append(outcome)

    def of(self, state: State) -> list[str]:
        """The digests that were found so."""
        return sorted(each.wanted.digest.hex for each in self.faults if each.state is state)

    @property
    def exit_code(self) -> int:
        """That of the gravest fault."""
        return next((error.exit_code for state, error in _GRAVEST_FIRST.items() if self.of(state)), 0)


def tell(report: Report, where: str, options: argparse.Namespace) -> None:
    """Print what became of them."""
    if options.json:
        print_json(_to_json(report, where, options))
        return
    for state in (*_GRAVEST_FIRST, State.REMOVED):
        for digest in report.of(state):
            moved = state is State.CORRUPT and not options.dry_run
            print(f"{digest}  {state.value}{', moved to the quarantine' if moved else ''}")
    print(f"{where}: {count_text(report.verified, 'artifact')} of {size_text(report.size)} verified")
    if report.not_stored and options.notebooks:
        print(f"{count_text(report.not_stored, 'output')} not in the store, but whole in the notebook")
    if report.of(State.CORRUPT):
        print("To heal a corrupt artifact, run its cell again, or open a complete copy of its notebook.")


def _to_json(report: Report, where: str, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "store": where,
        "verified": report.verified,
        "bytes": report.size,
        **{state.value: report.of(state) for state in State if state is not State.OK},
        "not_stored": report.not_stored,
        "quarantined": not options.dry_run,
    }
