"""Which outputs of a notebook are stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import ServerAway
from ..model.execution_state import Execution
from .asking import API, WAIT_S
from .steps import Ask, Call


@dataclass(frozen=True, slots=True)
class CellFreshness:
    """A cell that holds code.

    Attributes:
        cell: its id.
        execution: the newest that was sent to a kernel.
        stale: why its outputs are not what the notebook would show if it were run from the top; None when nothing says
            so, and while it is queued or runs.
        because: the cells that are the reason; none for a cell that was edited itself.
    """

    cell: str
    execution: Execution | None
    stale: Literal["edited", "upstream"] | None
    because: tuple[str, ...]

    @classmethod
    def parse(cls, value: Any) -> CellFreshness:
        """Take what a server said. Raises KeyError, TypeError or InvalidRequest for what is none."""
        said = value["execution"]
        execution = None if said is None else Execution.parse(said)
        return cls(str(value["cell"]), execution, value["stale"], tuple(map(str, value["because"])))


def freshness(path: str) -> Call[list[CellFreshness]]:
    """How the outputs of a notebook's cells stand, in their order.

    Args:
        path: of the notebook, below the server's root; it is opened if nobody has it open.

    Raises:
        NotFound, NotANotebook: the server's words.
    """
    said = (yield Ask(f"{API}/freshness", params={"path": path}, wait_s=WAIT_S)).json()
    cells = said.get("cells") if isinstance(said, Mapping) else None
    try:
        return [CellFreshness.parse(each) for each in cells or ()]
    except (KeyError, TypeError) as error:
        raise ServerAway("the server says what is stale in a way that is not known") from error
