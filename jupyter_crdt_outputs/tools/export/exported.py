"""What ``export`` has made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...files.lacks import Lack
from ..notebooks.batch import lack_json


@dataclass(frozen=True, slots=True)
class Exported:
    """A copy that was made.

    Attributes:
        source: the notebook.
        target: the copy.
        size: of the copy in bytes.
        lacks: what is a placeholder in it.
    """

    source: Path
    target: Path
    size: int
    lacks: list[Lack] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "path": str(self.source),
            "output": str(self.target),
            "bytes": self.size,
            "missing": [lack_json(lack) for lack in self.lacks],
        }
