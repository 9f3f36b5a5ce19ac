"""What several calls share: where things are asked for, and what is asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeAlias, TypeVar
from urllib.parse import quote

from ..errors import ServerAway
from ..model.execution_state import Execution
from .steps import Call, Pause

P = ParamSpec("P")
T = TypeVar("T")

Which: TypeAlias = "str | Execution"
"""An execution, or its id."""

API = "api/crdt-outputs"
WAIT_S = 20.0
"""How long the server is asked to wait for something to happen."""

LONG_S = 600.0
"""How long the server may take over outputs, which may be gigabytes."""

_RETRIES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How long a follower waits for a server that is being restarted: 15 seconds in all."""


def address_of(which: Which) -> str:
    """Where an execution is."""
    return f"{API}/executions/{quote(which if isinstance(which, str) else which.id, safe='')}"


def output_params(path: str, cell: str, output: int) -> dict[str, str | int]:
    """What names an output in a query."""
    return {"path": path, "cell": cell, "output": output}


def patiently(call: Callable[P, Call[T]], *args: P.args, **kwargs: P.kwargs) -> Call[T]:
    """Make a call that changes nothing, again and again for a while if the server is away."""
    for pause_s in _RETRIES_S:
        try:
            return (yield from call(*args, **kwargs))
        except ServerAway:
            yield Pause(pause_s)
    return (yield from call(*args, **kwargs))
