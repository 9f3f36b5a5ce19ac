"""What the doctor says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's.

    Attributes:
        name: of what was looked at.
        message: what was found, and what to do.
        level: whether that is good.
        origin: of a setting: the file that it is from, or ``default``.
        exit_code: that the command leaves with for an error.
    """

    name: str
    message: str
    level: Level = Level.OK
    origin: str = ""
    exit_code: int = 1

    def line(self) -> str:
        """For people."""
        mark = {Level.OK: "ok     ", Level.WARNING: "WARNING", Level.ERROR: "ERROR  "}[self.level]
        origin = f"  ({self.origin})" if self.origin else ""
        return f"{mark}  {self.name:<22}{self.message}{origin}"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        told = {"name": self.name, "level": self.level.value, "message": self.message}
        return told | ({"origin": self.origin} if self.origin else {})
