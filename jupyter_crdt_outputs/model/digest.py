"""The name of an artifact: the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..errors import InvalidDigest

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A SHA-256 that is known to be well formed, so it may be part of a path, a key or a URL.

    Do not build one by hand: :meth:`parse` is the only way in from outside, :meth:`of` the only way from bytes.

    Attributes:
        hex: 64 lower-case hexadecimal digits.
    """

    hex: str

    @classmethod
    def parse(cls, text: object) -> Digest:
        """Take a digest from outside.

        Raises:
            InvalidDigest: for anything but 64 lower-case hexadecimal digits. Upper case is refused as well: one
                artifact has one name, on file systems that fold case too.
        """
        if not isinstance(text, str) or _HEX.fullmatch(text) is None:
            raise InvalidDigest(f"not a SHA-256 in 64 lower-case hexadecimal digits: {text!r:.80}")
        return cls(text)

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Digest:
        """The digest of *data*. Releases the interpreter lock for all but small inputs."""
        return cls(hashlib.sha256(data).hexdigest())

    def __str__(self) -> str:
        return self.hex
