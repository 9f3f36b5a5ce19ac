"""What is kept of an execution's outputs beside its record, so that they can be seen again, and put back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidDigest, InvalidRequest
from .digest import Digest

INLINE_BYTES = 4096
"""Outputs that are no longer than this, as JSON, are in the line of the record itself."""

MOST_BYTES = 1 << 20
"""Outputs that are longer are not kept: of those in the document's form, that is two thousand with bulk."""


@dataclass(frozen=True, slots=True)
class KeptOutputs:
    """The outputs of one execution in the document's form, as a list of nbformat outputs.

    Attributes:
        inline: that list, which is not to be changed, and may hold anything when it was read; None where it is an
            artifact.
        stored: the artifact whose bytes are that list as JSON; None where it is here.
    """

    inline: list[Any] | None = None
    stored: Digest | None = None

    @property
    def digest(self) -> Digest | None:
        """That of :func:`json_of` these; None where nobody knows."""
        if self.inline is None:
            return self.stored
        data = json_of(self.inline)
        return None if data is None else Digest.of(data)

    def to_json(self) -> Any:
        """The form in the line of a record."""
        return self.inline if self.inline is not None else {"sha256": str(self.stored)}

    @classmethod
    def parse(cls, value: object) -> KeptOutputs | None:
        """Take back what :meth:`to_json` gave; None for what is anything else."""
        if isinstance(value, list):
            return cls(inline=value)
        try:
            return cls(stored=Digest.parse(value.get("sha256"))) if isinstance(value, Mapping) else None
        except InvalidDigest:
            return None


def json_of(outputs: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Outputs as they are kept, the same for the same outputs; None for no outputs, and for such as cannot be kept."""
    try:
        text = json.dumps(outputs, separators=(",", ":"), allow_nan=False, sort_keys=True) if outputs else ""
    except (TypeError, ValueError, RecursionError):
        return None
    return text.encode() if 0 < len(text) <= MOST_BYTES else None


def parse_json(data: bytes) -> list[dict[str, Any]]:
    """The outputs that were kept as these bytes, which may come from anywhere. Raises as :func:`checked`."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"what was kept of this run is damaged: {error!s:.80}") from error
    return checked(value)


def checked(value: object) -> list[dict[str, Any]]:
    """Outputs that may come from anywhere, with the keys that nbformat knows and no other.

    Raises:
        InvalidRequest: this is no list of nbformat outputs.
    """
    if not isinstance(value, list):
        raise InvalidRequest("what was kept of this run is damaged: it is no list of outputs")
    return [_output(each) for each in value]


def _output(value: object) -> dict[str, Any]:
    """An output with the keys that nbformat knows, of the types that it knows."""
    given: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    kind = given.get("output_type")
    if kind == "stream" and isinstance(given.get("name"), str) and isinstance(given.get("text"), str):
        return {"output_type": kind, "name": given["name"], "text": given["text"]}
    if kind == "error" and _is_texts(given.get("traceback")) and _is_texts([given.get("ename"), given.get("evalue")]):
        return {"output_type": kind, **{key: given[key] for key in ("ename", "evalue", "traceback")}}
    if kind in ("display_data", "execute_result"):
        data, metadata = given.get("data"), given.get("metadata", {})
        if isinstance(data, dict) and isinstance(metadata, dict):
            count = given.get("execution_count")
            known = count if isinstance(count, int | float) and not isinstance(count, bool) else None
            more = {"execution_count": known} if kind == "execute_result" else {}
            return {"output_type": kind, "data": data, "metadata": metadata, **more}
    raise InvalidRequest("what was kept of this run is damaged: it holds what is no output")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
