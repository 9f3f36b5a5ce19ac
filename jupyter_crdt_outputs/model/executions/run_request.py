"""What is asked for when cells are to be run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

from ...errors import InvalidRequest
from ..given import flag, json_object, long_text, number, text
from ..people import claimed_name
from .record import is_execution_id
from .selector import Selector

OnTimeout = Literal["interrupt", "restart", "shutdown"]

_MOST_SELECTORS = 10_000
_LONGEST_TIMEOUT_S = 7 * 86400.0
_LONGEST_CODE = 1 << 20
_VARIABLE = re.compile(r"[^=\0]{1,256}")
_MOST_VARIABLES = 1_000


@dataclass(frozen=True, slots=True)
class Appendix:
    """Code that runs after a cell's own, in the same execution, and is in no document: values of parameters.

    What is recorded as the source of the execution has it at its end, so nobody is told that the cell alone did this.

    Attributes:
        to: the cells, of those that are to run.
        code: in the language of the kernel.
    """

    to: Selector
    code: str

    @classmethod
    def parse(cls, value: object) -> Appendix:
        """Take ``{"to": selector, "code": "…"}``. Raises :class:`InvalidRequest`."""
        given = json_object(value, "append", {"to", "code"})
        return cls(Selector.parse(given.get("to")), long_text(given.get("code"), "append: code", _LONGEST_CODE))

    def to_json(self) -> Any:
        """The JSON form."""
        return {"to": self.to.to_json(), "code": self.code}


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A batch of cells to run, all or none.

    Attributes:
        path: of the notebook, below the server's root; or else
        room: the id of its room.
        cells: which, in the order in which they are to run; a cell that is meant twice runs once, at the first.
        kernel: the kernelspec to start when the notebook has no kernel; None for the notebook's own.
        restart: whether to restart the kernel first.
        stop_on_error: whether the rest of the batch is dropped after an error, as in JupyterLab, or when time is up.
        allow_stdin: whether cells may ask for input.
        timeout_s: how long a cell may run, in seconds from its beginning; None for as long as it likes.
        on_timeout: what is done then; after an interrupt that does not help, the kernel is restarted or shut down.
        record_timing: whether to write times into the metadata of cells; None for what the notebook says.
        parent: the execution that made this one necessary, as the caller says.
        append: code that is run with some of the cells.
        env: variables for the environment of the kernel that this starts; refused when there is a kernel already.
        claimed_name: what the caller is called; told, as no more than that, where the server knows no name of theirs.
    """

    path: str | None
    room: str | None
    cells: tuple[Selector, ...]
    kernel: str | None = None
    restart: bool = False
    stop_on_error: bool = True
    allow_stdin: bool = True
    timeout_s: float | None = None
    on_timeout: OnTimeout = "interrupt"
    record_timing: bool | None = None
    parent: str | None = None
    append: Appendix | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    claimed_name: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        plain = {name: getattr(self, name) for name in _REQUEST_FIELDS if getattr(self, name) is not None}
        plain |= {"cells": [selector.to_json() for selector in self.cells], "env": dict(self.env)}
        return plain | ({} if self.append is None else {"append": self.append.to_json()})

    @classmethod
    def parse(cls, value: object) -> RunRequest:
        """Take a request from outside. Raises :class:`InvalidRequest`, in words for whoever sent it."""
        given = json_object(value, "the request", {each.name for each in fields(cls)})
        path, room = text(given, "path"), text(given, "room")
        if (path is None) == (room is None):
            raise InvalidRequest("give the notebook by path or by room")
        cells = given.get("cells")
        selectors = cells if isinstance(cells, list) else [cells]
        if cells is None or not selectors or len(selectors) > _MOST_SELECTORS:
            raise InvalidRequest(f"cells: give from 1 to {_MOST_SELECTORS} selectors")
        timeout_s, on_timeout = given.get("timeout_s"), given.get("on_timeout", "interrupt")
        if timeout_s is not None:
            timeout_s = number(timeout_s, "timeout_s", 0.001, _LONGEST_TIMEOUT_S)
        if on_timeout not in get_args(OnTimeout):
            raise InvalidRequest(f"on_timeout is one of: {', '.join(get_args(OnTimeout))}")
        parent = text(given, "parent")
        if parent is not None and not is_execution_id(parent):
            raise InvalidRequest("parent is the id of an execution")
        return cls(
            path.strip("/") if path is not None else None,
            room,
            tuple(map(Selector.parse, selectors)),
            text(given, "kernel"),
            bool(flag(given, "restart", False)),
            bool(flag(given, "stop_on_error", True)),
            bool(flag(given, "allow_stdin", True)),
            timeout_s,
            cast(OnTimeout, on_timeout),
            flag(given, "record_timing", None),
            parent,
            None if given.get("append") is None else Appendix.parse(given["append"]),
            _environment(given.get("env")),
            claimed_name(given),
        )


_REQUEST_FIELDS = tuple(each.name for each in fields(RunRequest))


def _environment(asked: object) -> Mapping[str, str]:
    given = {} if asked is None else asked
    if not isinstance(given, Mapping) or len(given) > _MOST_VARIABLES:
        raise InvalidRequest(f"env is an object of up to {_MOST_VARIABLES} variables")
    for name, value in given.items():
        if not (_VARIABLE.fullmatch(str(name)) and _can_be_set(value)):
            raise InvalidRequest(f"env: {name!r:.80} cannot be set to that")
    return dict(given)


def _can_be_set(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value and len(value) <= _LONGEST_CODE
