"""A set of a million digests in some forty megabytes."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.digest import Digest

DIGEST_BYTES = 32
_LEAST = 1 << 10


class DigestSet:
    """Digests by their first byte, each bucket a string of 32 bytes apiece: sorted and free of doubles now and then.

    A Python set of as many digests would take five times the memory.
    """

    def __init__(self, digests: Iterable[Digest] = ()) -> None:
        self._buckets = [bytearray() for _ in range(256)]
        self._tidy = [0] * 256  # how many bytes of a bucket are sorted
        for digest in digests:
            self.add(digest)

    def add(self, digest: Digest) -> None:
        """Have *digest* in the set."""
        self.add_bytes(bytes.fromhex(digest.hex))

    def add_bytes(self, digest: bytes) -> None:
        """As :meth:`add`, of the 32 bytes that a digest stands for."""
        number = digest[0]
        bucket = self._buckets[number]
        bucket += digest
        if len(bucket) > 2 * self._tidy[number] + _LEAST * DIGEST_BYTES:
            self.bucket(number)

    def bucket(self, number: int) -> bytes:
        """The digests whose first byte is *number*, sorted, 32 bytes each."""
        bucket = self._buckets[number]
        if len(bucket) != self._tidy[number]:
            tidied = b"".join(sorted(set(split(bucket))))
            bucket = self._buckets[number] = bytearray(tidied)
            self._tidy[number] = len(bucket)
        return bytes(bucket)

    def __len__(self) -> int:
        return sum(len(self.bucket(number)) for number in range(256)) // DIGEST_BYTES

    def __contains__(self, digest: Digest) -> bool:
        wanted = bytes.fromhex(digest.hex)
        return wanted in split(self._buckets[wanted[0]])


def split(digests: bytes | bytearray) -> list[bytes]:
    """The digests that stand one after another in a bucket."""
    return [bytes(digests[start : start + DIGEST_BYTES]) for start in range(0, len(digests), DIGEST_BYTES)]
