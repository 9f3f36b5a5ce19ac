"""One artifact that a reference names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from ...errors import InvalidDigest, InvalidReference
from ..digest import Digest
from ..encoding import ENCODINGS, Encoding
from .fields import integer, mapping


@dataclass(frozen=True, slots=True)
class Part:
    """One artifact and how its bytes are spelled in a notebook.

    Attributes:
        digest: the artifact.
        size: bytes of the artifact.
        encoding: how the bytes become the value again, see :mod:`..encoding`.
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
        given = mapping(value, "a part")
        encoding = given.get("encoding")
        if encoding not in ENCODINGS:
            raise InvalidReference(f"unknown encoding {encoding!r:.40}")
        try:
            digest = Digest.parse(given.get("sha256"))
        except InvalidDigest as error:
            raise InvalidReference(str(error)) from error
        width, height = (given.get(name) for name in ("width", "height"))
        sized = width is not None and height is not None
        return cls(
            digest,
            integer(given.get("size"), "size"),
            cast(Encoding, encoding),
            integer(width, "width") if sized else None,
            integer(height, "height") if sized else None,
        )
