"""What is asked for when cells are to be run, and what is told of each execution: the shapes of the HTTP interface.

One module for all who speak them: handlers, clients, the command line, and the history in the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

from ..errors import InvalidDigest, InvalidRequest
from .digest import Digest
from .execution_record import UNFINISHED, ExecutionRecord, Status, is_execution_id

__all__ = [
    "UNFINISHED",
    "Appendix",
    "ExecutionRecord",
    "OnTimeout",
    "RunRequest",
    "Selector",
    "Status",
    "is_execution_id",
    "json_object",
    "number",
    "seen_source",
    "source_digest",
]

OnTimeout = Literal["interrupt", "restart", "shutdown"]

_LONGEST = 1024
_MOST_SELECTORS = 10_000
_LONGEST_TIMEOUT_S = 7 * 86400.0
_LONGEST_CODE = 1 << 20
_VARIABLE = re.compile(r"[^=\0]{1,256}")
_MOST_VARIABLES = 1_000


@dataclass(frozen=True, slots=True)
class Selector:
    """Some cells of a notebook. Those that hold no code are passed over, unless one is meant by name.

    Attributes:
        kind: what *value* is: the id of a cell; the index of one among all cells, from the end when negative; a tag;
            nothing, for all or for all that are stale; or the cell, by id or index, above which, or from which on, all
            are meant.
        value: see *kind*.
        sha256: of the source in UTF-8 that the caller saw, if a single cell is meant and that is to be checked.
    """

    kind: Literal["id", "index", "tag", "all", "above", "below", "stale"]
    value: str | int
    sha256: Digest | None = None

    @classmethod
    def parse(cls, value: object) -> Selector:
        """Take ``"all"`` or ``"stale"``, or an object with another kind as key. Raises :class:`InvalidRequest`."""
        if value in ("all", "stale"):
            return cls(cast(Any, value), "")
        given = json_object(value, "a selector of cells", {"id", "index", "tag", "above", "below", "sha256", "source"})
        kinds = [kind for kind in ("id", "index", "tag", "above", "below") if kind in given]
        if len(kinds) != 1:
            raise InvalidRequest('cells are "all", "stale", or objects with one of: id, index, tag, above, below')
        kind = kinds[0]
        allowed: tuple[type, ...] = {"index": (int,), "above": (str, int), "below": (str, int)}.get(kind, (str,))
        if isinstance(given[kind], bool) or not isinstance(given[kind], allowed) or len(str(given[kind])) > _LONGEST:
            raise InvalidRequest(f"cells: {kind} cannot be {given[kind]!r:.80}")
        digest = seen_source(given)
        if digest is not None and kind not in ("id", "index"):
            raise InvalidRequest("the source can be given for single cells only, by id or index")
        return cls(cast(Any, kind), given[kind], digest)

    def to_json(self) -> Any:
        """The JSON form."""
        if self.kind in ("all", "stale"):
            return self.kind
        return {self.kind: self.value} | ({} if self.sha256 is None else {"sha256": self.sha256.hex})


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
        code = given.get("code")
        if not isinstance(code, str) or len(code) > _LONGEST_CODE:
            raise InvalidRequest(f"append: code is a string of up to {_LONGEST_CODE} characters")
        return cls(Selector.parse(given.get("to")), code)

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

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        plain = {name: getattr(self, name) for name in _REQUEST_FIELDS if getattr(self, name) is not None}
        plain |= {"cells": [selector.to_json() for selector in self.cells], "env": dict(self.env)}
        return plain | ({} if self.append is None else {"append": self.append.to_json()})

    @classmethod
    def parse(cls, value: object) -> RunRequest:
        """Take a request from outside. Raises :class:`InvalidRequest`, in words for whoever sent it."""
        given = json_object(value, "the request", {each.name for each in fields(cls)})
        path, room = _text(given, "path"), _text(given, "room")
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
        parent = _text(given, "parent")
        if parent is not None and not is_execution_id(parent):
            raise InvalidRequest("parent is the id of an execution")
        return cls(
            path.strip("/") if path is not None else None,
            room,
            tuple(map(Selector.parse, selectors)),
            _text(given, "kernel"),
            bool(_flag(given, "restart", False)),
            bool(_flag(given, "stop_on_error", True)),
            bool(_flag(given, "allow_stdin", True)),
            timeout_s,
            cast(OnTimeout, on_timeout),
            _flag(given, "record_timing", None),
            parent,
            None if given.get("append") is None else Appendix.parse(given["append"]),
            _environment(given.get("env")),
        )


_REQUEST_FIELDS = tuple(each.name for each in fields(RunRequest))


def number(value: object, name: str, low: float, high: float) -> float:
    """A number from outside, JSON or text. Raises :class:`InvalidRequest`."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or not low <= found <= high:
        raise InvalidRequest(f"{name} is a number from {low:g} to {high:g}")
    return found


def seen_source(given: Mapping[str, Any]) -> Digest | None:
    """The digest of the source that a caller saw, given as ``source`` or ``sha256``. Raises InvalidRequest."""
    if "sha256" in given and "source" in given:
        raise InvalidRequest("give the source, or its sha256")
    if "source" in given:
        if not isinstance(given["source"], str):
            raise InvalidRequest("the source is a string")
        return source_digest(given["source"])
    try:
        return Digest.parse(given["sha256"]) if "sha256" in given else None
    except InvalidDigest as error:
        raise InvalidRequest(str(error)) from error


def source_digest(source: str) -> Digest:
    """The digest of a cell's source."""
    return Digest.of(source.encode("utf-8", "surrogatepass"))


def _environment(value: object) -> Mapping[str, str]:
    given = {} if value is None else value
    if not isinstance(given, Mapping) or len(given) > _MOST_VARIABLES:
        raise InvalidRequest(f"env is an object of up to {_MOST_VARIABLES} variables")
    for name, text in given.items():
        if not _VARIABLE.fullmatch(str(name)) or not isinstance(text, str) or "\0" in text or len(text) > _LONGEST_CODE:
            raise InvalidRequest(f"env: {name!r:.80} cannot be set to that")
    return dict(given)


def json_object(value: object, what: str, keys: set[str]) -> Mapping[str, Any]:
    """An object with none but these keys. Raises InvalidRequest, which calls it *what*."""
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{what} is an object")
    unknown = [key for key in value if key not in keys]
    if unknown:
        raise InvalidRequest(f"{what} has no {unknown[0]!r:.80}; it may have: {', '.join(sorted(keys))}")
    return value


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value or len(value) > _LONGEST):
        raise InvalidRequest(f"{key} is a string of up to {_LONGEST} characters")
    return value


def _flag(given: Mapping[str, Any], key: str, default: bool | None) -> bool | None:
    value = given.get(key, default)
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(f"{key} is true or false")
    return default if value is None else value
