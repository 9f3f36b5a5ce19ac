"""What a case is, and what its notebooks have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..steps import RunAll, Step

STREAM = "import sys, time\ndef out(*texts):\n    for text in texts:\n        print(text, end='', flush=True)\n"
DISPLAY = "from IPython.display import *\nfrom kernel_side import *\n"


@dataclass(frozen=True)
class Cell:
    """A cell that is more than source code."""

    source: str = ""
    kind: str = "code"
    metadata: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[dict[str, Any], ...] = ()
    execution_count: int | None = None
    attachments: dict[str, Any] | None = None


@dataclass(frozen=True)
class Case:
    """One notebook and what is done with it.

    Attributes:
        cells: sources of code cells, or cells.
        steps: what the user does; by default Run All.
        bulk: it makes an output that must not stay in the document.
        kinds_only: compare only the kinds of outputs; what they say differs from run to run in stock too.
        stock_view_is_wrong: what stock shows is not what it saves, and is right only when the notebook is opened again.
        minor: the nbformat minor version of the file.
        second_browser: a second browser has the notebook open from the start; steps name it with ``browser=1``.
    """

    cells: tuple[str | Cell, ...]
    steps: tuple[Step, ...] = (RunAll(),)
    bulk: bool = False
    kinds_only: bool = False
    stock_view_is_wrong: bool = False
    minor: int = 5
    second_browser: bool = False


def run(*cells: str | Cell, **options: Any) -> Case:
    """A case whose outputs are small."""
    return Case(cells, **options)


def bulk(*cells: str | Cell, **options: Any) -> Case:
    """A case with an output that must not stay in the document."""
    return Case(cells, bulk=True, **options)
