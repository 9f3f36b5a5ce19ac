"""The reference: what stands in the document in the place of bulk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ..errors import InvalidDigest, InvalidReference
from .digest import Digest
from .encoding import ENCODINGS, Encoding

REFERENCE_MIME_TYPE = "application/vnd.jupyter-crdt-outputs.ref.v1+json"
"""A vendor type ending in ``+json`` that holds an object is valid nbformat in every display output."""

_LOG_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One artifact and how its bytes are spelled in a notebook.

    Attributes:
        digest: the artifact.
        size: bytes of the artifact.
        encoding: how the bytes become the value again, see :mod:`.encoding`.
        width: pixels, for images whose header says so, to reserve space before the bytes arrive.
        height: pixels.
    """

    digest: Digest
    size: int
    encoding: Encoding
    width: int | None = None
    height: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form; equal parts give equal JSON."""
        value: dict[str, Any] = {"sha256": self.digest.hex, "size": self.size, "encoding": self.encoding}
        if self.width is not None and self.height is not None:
            value |= {"width": self.width, "height": self.height}
        return value

    @classmethod
    def parse(cls, value: object) -> Part:
        """Take a part from outside. Raises :class:`InvalidReference`."""
        fields = _mapping(value, "a part")
        encoding = fields.get("encoding")
        if encoding not in ENCODINGS:
            raise InvalidReference(f"unknown encoding {encoding!r:.40}")
        try:
            digest = Digest.parse(fields.get("sha256"))
        except InvalidDigest as error:
            raise InvalidReference(str(error)) from error
        width, height = (fields.get(name) for name in ("width", "height"))
        sized = width is not None and height is not None
        return cls(
            digest,
            _integer(fields.get("size"), "size"),
            cast(Encoding, encoding),
            _integer(width, "width") if sized else None,
            _integer(height, "height") if sized else None,
        )


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
        index: the artifact that names the segments, see :mod:`.segments`.
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


def parse(value: object) -> Reference:
    """Take a reference from outside: any JSON at all may be given.

    Unknown extra keys are let pass, so that a later version may add some.

    Raises:
        InvalidReference: keep such a value verbatim, and show the text beside it.
    """
    fields = _mapping(value, "a reference")
    match fields.get("kind"):
        case "bundle":
            parts = _mapping(fields.get("parts"), "parts")
            if not parts:
                raise InvalidReference("a bundle without parts")
            return BundleReference(
                {mime: Part.parse(part) for mime, part in parts.items()},
                dict(_mapping(fields.get("metadata", {}), "metadata")),
                fields.get("preview") is True,
            )
        case "stream":
            return _parse_stream(fields)
        case "error":
            ename, evalue = (_text(fields.get(name), name) for name in ("ename", "evalue"))
            return ErrorReference(ename, evalue, Part.parse(fields.get("part")))
        case other:
            raise InvalidReference(f"unknown kind {other!r:.40}")


def _parse_stream(fields: Mapping[str, Any]) -> StreamReference | LongStreamReference | LogReference:
    name = _text(fields.get("name"), "name")
    if "log" in fields:
        log = _text(fields["log"], "log")
        if not is_log_id(log):
            raise InvalidReference("not the id of a log")
        return LogReference(name, log)
    if "index" in fields:
        size, lines = (_integer(fields.get(key), key) for key in ("size", "lines"))
        return LongStreamReference(name, Part.parse(fields["index"]), size, lines)
    segments = fields.get("segments")
    if not isinstance(segments, list):
        raise InvalidReference("segments are not a list")
    return StreamReference(name, tuple(Part.parse(part) for part in segments))


def reference_in(output: Mapping[str, Any]) -> Reference | None:
    """The reference that an nbformat output holds, or None: for plain outputs and for what we cannot read."""
    data = output.get("data")
    if not isinstance(data, Mapping) or REFERENCE_MIME_TYPE not in data:
        return None
    try:
        return parse(data[REFERENCE_MIME_TYPE])
    except InvalidReference:
        return None


def is_log_id(text: str) -> bool:
    """Whether this can be the id of a log."""
    return _LOG_ID.fullmatch(text) is not None


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidReference(f"{what} is not an object")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise InvalidReference(f"{what} is not a string")
    return value


def _integer(value: object, what: str) -> int:
    """Shared documents hold every number as a float, so integral floats are welcome."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or not 0 <= value < 2**53:
        raise InvalidReference(f"{what} is not a size")
    if value != int(value):
        raise InvalidReference(f"{what} is not a whole number")
    return int(value)
