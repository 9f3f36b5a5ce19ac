"""What happens to whoever follows an execution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..model.execution_state import Execution, Prompt


@dataclass(frozen=True, slots=True)
class Text:
    """Something was printed.

    Attributes:
        name: ``stdout``, ``stderr``, or ``stdin`` for the echo of an answer.
        text: that was added.
        returns: whether it takes the place of the unfinished line before it, as after ``\\r``.
    """

    name: str
    text: str
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An output that is no stream has come.

    Attributes:
        output: as in the live document, with references for what is large.
    """

    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """A display was updated.

    Attributes:
        output: as it is now.
    """

    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cleared:
    """All outputs so far are gone; what follows is all that there is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The cell asks for input, and waits.

    Attributes:
        prompt: what for.
    """

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Ended:
    """It has ended, and nothing more will happen.

    Attributes:
        execution: as it ended.
    """

    execution: Execution


Event: TypeAlias = "Text | Shown | Changed | Cleared | Asked | Ended"
