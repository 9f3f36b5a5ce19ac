"""What is known of a notebook file that was saved here: enough to tell whether it still is, and to save it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as it was left.

    Attributes:
        stat: by which it is known again; the file is another when it differs.
        hash: of the bytes, in hexadecimal digits.
        hash_algorithm: of :attr:`hash`.
        signature: that makes the notebook trusted; None for one that is not.
        plan: equal when the texts are.
        spans: where the text of each output is, in bytes from the beginning, and its length.
    """

    stat: tuple[int, ...]
    hash: str
    hash_algorithm: str
    signature: str | None
    plan: str
    spans: Mapping[str, tuple[int, int]]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.stat[2]
