"""One execution of a cell, as it is told of and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from ...errors import InvalidRequest
from ..kept_outputs import KeptOutputs

Status = Literal[
    "queued", "running", "waiting-for-input", "ok", "error", "aborted", "cancelled", "timeout", "interrupted"
]
"""``aborted``: not run, since something before it failed; ``cancelled``: somebody said so; ``timeout``: it took longer
than was allowed; ``interrupted``: its kernel or the server ended first."""

UNFINISHED = frozenset({"queued", "running", "waiting-for-input"})

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


class ExecutionRecord(NamedTuple):
    """One execution of a cell: what is kept of it.

    A tuple, since each cell makes several of these while it runs: a frozen dataclass takes three times as long.

    Attributes:
        id: a ULID.
        run: the ULID that all executions of one request share; None for what a browser sent.
        parent: the execution that made this one necessary, if somebody said so.
        cell: id of the cell.
        path: of the notebook, when the execution was asked for.
        file_id: of the notebook, which stays when it is moved.
        kernel: id of the kernel.
        kernel_name: of its kernelspec.
        language: of the kernel, as its kernelspec says.
        user: who asked for it, as the server knows them.
        claimed_name: what they say that they are called, if the server knows no name of theirs; nobody has proven it.
        via: how.
        source_sha256: of the source in UTF-8 that was sent to the kernel; None before that.
        cell_sha256: of the cell's own source, when that was not all that was sent; else None.
        source: what was sent, if the server keeps it.
        queued_at: UTC, ISO 8601, as the other two.
        started_at: when the kernel took it up.
        ended_at: when all it put out was written down.
        status: see :data:`Status`.
        error: name of the error that ended it.
        execution_count: as the kernel said.
        artifacts: digests of what its outputs referred to at the end.
        kept: what is kept of its outputs; in the history alone, and in no JSON but that of :meth:`to_line`.
    """

    id: str
    run: str | None
    parent: str | None
    cell: str
    path: str
    file_id: str
    kernel: str
    kernel_name: str
    language: str
    user: str
    via: Literal["endpoint", "browser"]
    queued_at: str
    status: Status = "queued"
    source_sha256: str | None = None
    cell_sha256: str | None = None
    source: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    error: str | None = None
    execution_count: int | None = None
    artifacts: tuple[str, ...] = ()
    claimed_name: str | None = None
    kept: KeptOutputs | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing of this will change any more."""
        return self.status not in UNFINISHED

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return dict(zip(_FIELDS, self, strict=False)) | {"artifacts": list(self.artifacts)}

    def to_line(self) -> dict[str, Any]:
        """The form in the history: the same, with what is kept of the outputs."""
        return self.to_json() | ({} if self.kept is None else {"outputs": self.kept.to_json()})

    @classmethod
    def parse(cls, value: object) -> ExecutionRecord:
        """Take back what these gave; keys of later versions are passed over. Raises InvalidRequest."""
        given = {key: item for key, item in value.items() if key in _FIELDS} if isinstance(value, Mapping) else {}
        kept = KeptOutputs.parse(value.get("outputs")) if isinstance(value, Mapping) else None
        try:
            record = cls(**(given | {"artifacts": tuple(given.get("artifacts") or ()), "kept": kept}))
        except TypeError as error:
            raise InvalidRequest(f"not a record of an execution: {error}") from error
        texts = (record.id, record.cell, record.path, record.file_id, record.kernel, record.status, record.queued_at)
        if not all(isinstance(text, str) for text in texts):
            raise InvalidRequest("not a record of an execution: some of it is no text")
        if not is_execution_id(record.id) or record.status not in get_args(Status):
            raise InvalidRequest("not a record of an execution")
        return record


_FIELDS = ExecutionRecord._fields[:-1]  # all but "kept"


def is_execution_id(text: str) -> bool:
    """Whether this can be the id of an execution or of a run."""
    return _ULID.fullmatch(text) is not None
