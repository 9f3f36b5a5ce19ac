"""An execution as a server tells of it while it goes on: its record, and what is kept of it for no longer than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidRequest
from .executions import ExecutionRecord


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a running cell asks for.

    Attributes:
        text: to be shown.
        is_secret: whether the answer must be shown and kept nowhere.
    """

    text: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution, as it stands.

    Attributes:
        record: what is kept of it.
        message: why it did not run or end as it should, for people.
        prompt: what it asks for, if it waits for an answer.
        pager: MIME bundles that the kernel wanted shown in a pager.
    """

    record: ExecutionRecord
    message: str | None = None
    prompt: Prompt | None = None
    pager: tuple[Mapping[str, Any], ...] = ()

    @property
    def id(self) -> str:
        """Its ULID."""
        return self.record.id

    @classmethod
    def parse(cls, value: object) -> Execution:
        """Take what a server said. Raises :class:`InvalidRequest` for what is none."""
        record = ExecutionRecord.parse(value)
        assert isinstance(value, Mapping)
        asked, message, pager = value.get("input"), value.get("message"), value.get("pager")
        prompt = None
        if isinstance(asked, Mapping):
            prompt = Prompt(str(asked.get("prompt", "")), asked.get("password") is True)
        return cls(
            record,
            message if isinstance(message, str) else None,
            prompt,
            tuple(page for page in pager if isinstance(page, Mapping)) if isinstance(pager, list) else (),
        )


@dataclass(frozen=True, slots=True)
class Outputs:
    """What an execution has put out so far.

    Attributes:
        execution: as it stands.
        outputs: as the live document has them, references and all, or, when the cell was deleted or has run again, as
            they were at the end; None when that is kept no longer.
        revision: to be given when the next is asked for.
        prompts: how many times it has asked for something.
    """

    execution: Execution
    outputs: tuple[Mapping[str, Any], ...] | None = field(repr=False)
    revision: str
    prompts: int

    @classmethod
    def parse(cls, value: object) -> Outputs:
        """Take what a server said. Raises :class:`InvalidRequest` for what is none."""
        given = value if isinstance(value, Mapping) else {}
        outputs, prompts = given.get("outputs"), given.get("prompts")
        if outputs is not None and not isinstance(outputs, list):
            raise InvalidRequest("not the outputs of an execution")
        return cls(
            Execution.parse(given.get("execution")),
            None if outputs is None else tuple(output for output in outputs if isinstance(output, Mapping)),
            str(given.get("revision", "")),
            prompts if isinstance(prompts, int) else 0,
        )
