"""The text of a log, and how much of it is in the store."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import segments
from ..model.segments import Segment
from ..store import ArtifactStore


class LogText:
    """Its older part as segments in the store, its end in memory.

    Not to be read in one thread while another changes it; what blocks on the store changes nothing.

    Args:
        store: where the segments go.
        begun: the segments that are in the store already.
        rest: the text after them.

    Attributes:
        segments: that are in the store, from the beginning of the text on.
        sealed_size: their bytes.
        rest: the text after them that stays.
        line: what follows it for now.
    """

    def __init__(self, store: ArtifactStore, begun: Sequence[Segment] = (), rest: bytes = b"") -> None:
        self._store = store
        self.segments = list(begun)
        self.sealed_size = sum(segment.size for segment in begun)
        self.rest = bytearray(rest)
        self.line = b""

    def add(self, final: bytes, line: bytes) -> bool:
        """Add text that stays, and say what follows it for now; tells whether anything is new."""
        if not final and line == self.line:
            return False
        self.rest += final
        self.line = line
        return True

    def has_whole_segment(self) -> bool:
        """Whether there is a whole segment that can go to the store."""
        return len(self.rest) >= segments.SEGMENT_BYTES

    def put(self, *, whole: bool) -> list[Segment]:
        """Put whole segments into the store, or all of the text. They are to be given to :meth:`seal`. Blocks.

        Raises:
            StoreFull, StoreUnavailable: the text stays where it is.
        """
        pieces = list(segments.cut(bytes(self.rest) + (self.line if whole else b""), whole=whole))
        digests = self._store.put_many(pieces) if pieces else []
        return [Segment.of(piece, digest) for digest, piece in zip(digests, pieces, strict=True)]

    def seal(self, stored: Sequence[Segment]) -> None:
        """These are in the store, and need not be in memory any more."""
        size = sum(segment.size for segment in stored)
        if size > len(self.rest):  # the line is in it
            self.line = b""
        self.segments += stored
        self.sealed_size += size
        del self.rest[:size]

    def end(self, needed: int) -> tuple[int, bytes]:
        """How many segments stay when a line of *needed* bytes at the end may change, and the text after them.

        Of a text that is all in the store. Blocks.

        Raises:
            ArtifactMissing, ArtifactCorrupt, StoreUnavailable: the text is not to be had.
        """
        kept = max(0, len(self.segments) - 1)
        end = self._store.get(self.segments[kept].digest) if self.segments else b""
        # A segment that was cut short for the sake of a character of the line may come out longer now.
        while kept and (
            len(end) < needed or (len(end) == needed and self.segments[kept - 1].size < segments.SEGMENT_BYTES)
        ):
            kept -= 1
            end = self._store.get(self.segments[kept].digest) + end
        return kept, end

    def unseal(self, kept: int, rest: bytes, line: bytes) -> None:
        """Have only *kept* segments in the store, and in memory what follows them."""
        del self.segments[kept:]
        self.sealed_size = sum(segment.size for segment in self.segments)
        self.rest, self.line = bytearray(rest), line

    def snapshot(self) -> tuple[list[Segment], bytes]:
        """The text as it is now: its segments, and what follows them."""
        return list(self.segments), bytes(self.rest) + self.line

    def beginning_of_rest(self, most: int) -> bytes:
        """The first *most* bytes of what is not in the store."""
        return bytes(self.rest[:most]) or self.line[:most]
