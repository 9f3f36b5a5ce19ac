"""What a call is made of: questions to the server, and no word on how they are asked: neither sync nor async."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from ..errors import CrdtOutputsError, ServerAway

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request.

    Attributes:
        path: below the server's base URL, quoted.
        method: of HTTP.
        params: the query.
        body: sent as JSON.
        headers: beside those that every request has.
        wait_s: how long the server may take over it, beyond what is usual.
    """

    path: str
    method: str = "GET"
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A part of what the caller wants, of which there is more than one."""

    value: T


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and it was no error.

    Attributes:
        status: of HTTP.
        content: the body.
        media_type: of the body, as the server says.
    """

    status: int
    content: bytes
    media_type: str = ""

    def json(self) -> Any:
        """The body as JSON. Raises :class:`ServerAway`: whoever answered is no such server."""
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise ServerAway("what answers is no Jupyter server with this extension: it does not speak JSON") from error


NOTHING = Answer(204, b"")
"""What a pause, or a part that was found, is answered with."""

Call: TypeAlias = "Generator[Ask | Pause, Answer, T]"
Calls: TypeAlias = "Generator[Ask | Pause | Found[T], Answer, None]"
Step: TypeAlias = "Ask | Pause | Found[Any]"


def advance(call: Generator[Any, Answer, T], given: Answer | CrdtOutputsError) -> Any:
    """The next step of a call, told what became of the last one. Raises what the call does, and StopIteration."""
    return call.throw(given) if isinstance(given, CrdtOutputsError) else call.send(given)
