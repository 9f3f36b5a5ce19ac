"""What a reference can stand for, each kind with its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..digest import Digest
from .part import Part


@dataclass(frozen=True, slots=True)
class BundleReference:
    """Stands for a display_data or execute_result; its other types are inline beside it.

    Attributes:
        parts: the MIME types that are in the store.
        metadata: the original output's metadata.
        preview: whether the ``text/plain`` beside the reference was written by us and is no part of the original.
    """

    parts: Mapping[str, Part]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    preview: bool = False
    kind: Literal["bundle"] = "bundle"

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        value: dict[str, Any] = {
            "kind": self.kind,
            "parts": {mime: part.to_json() for mime, part in self.parts.items()},
        }
        if self.metadata:
            value["metadata"] = dict(self.metadata)
        if self.preview:
            value["preview"] = True
        return value

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every artifact this reference reaches."""
        return tuple(part.digest for part in self.parts.values())

    @property
    def largest_bytes(self) -> int:
        """Of the largest of the parts."""
        return max(part.size for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class StreamReference:
    """Stands for a stream output; its text is the segments' texts, one after another.

    Attributes:
        name: ``stdout`` or ``stderr``.
        segments: in order.
    """

    name: str
    segments: tuple[Part, ...]
    kind: Literal["stream"] = "stream"

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind, "name": self.name, "segments": [part.to_json() for part in self.segments]}

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every artifact this reference reaches."""
        return tuple(part.digest for part in self.segments)

    @property
    def largest_bytes(self) -> int:
        """Of the text."""
        return sum(part.size for part in self.segments)


@dataclass(frozen=True, slots=True)
class LongStreamReference:
    """Stands for a stream output of many segments, and is as small as that of a short one.

    Attributes:
        name: ``stdout`` or ``stderr``.
        index: the artifact that names the segments, see :mod:`..segments`.
        size: bytes of the text.
        lines: of the text, an unfinished last one counted.
    """

    name: str
    index: Part
    size: int
    lines: int
    kind: Literal["stream"] = "stream"

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "kind": self.kind,
            "name": self.name,
            "index": self.index.to_json(),
            "size": self.size,
            "lines": self.lines,
        }

    @property
    def digests(self) -> tuple[Digest, ...]:
        """The artifact that names all others."""
        return (self.index.digest,)

    @property
    def largest_bytes(self) -> int:
        """Of the text."""
        return self.size


@dataclass(frozen=True, slots=True)
class LogReference:
    """Stands for a stream output that is still being written, and is replaced when that ends.

    Attributes:
        name: ``stdout`` or ``stderr``.
        log: the id of a log of the server that writes it.
    """

    name: str
    log: str
    kind: Literal["stream"] = "stream"

    @property
    def digests(self) -> tuple[Digest, ...]:
        """None: what of the log is in the store, only the log knows."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind, "name": self.name, "log": self.log}


@dataclass(frozen=True, slots=True)
class ErrorReference:
    """Stands for an error output; the part is the JSON of the whole output, name and value are for the reader."""

    ename: str
    evalue: str
    part: Part
    kind: Literal["error"] = "error"

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind, "ename": self.ename, "evalue": self.evalue, "part": self.part.to_json()}

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every artifact this reference reaches."""
        return (self.part.digest,)

    @property
    def largest_bytes(self) -> int:
        """Of the whole output."""
        return self.part.size


Reference = BundleReference | StreamReference | LongStreamReference | LogReference | ErrorReference
