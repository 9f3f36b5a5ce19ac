"""The contract of an artifact store: eight verbs, and what each of them promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from ..model.digest import Digest


class ArtifactStore(ABC):
    """A set of immutable byte strings, each named by its SHA-256.

    Every verb blocks, so on an event loop it belongs in a thread, and every verb may be called from any thread and
    by several processes on the same store at once. Any verb may raise :class:`StoreUnavailable` (try again later).
    Deadlines, retries and caches are stores around a store, with this same interface.

    What was purged for good stays so: a put of the same bytes returns their digest and keeps nothing, and whatever
    asks for them raises :class:`ArtifactRemoved`, which is an :class:`ArtifactMissing`.
    """

    @abstractmethod
    def put(self, data: bytes) -> Digest:
        """Keep *data*. When this returns, the artifact is whole, durable and readable by everyone.

        Atomic: no reader, and no crash, ever shows a part of it. Durable: it survives a power failure.
        Idempotent: putting the same bytes again costs little and changes nothing, except that an artifact found
        with the wrong size, or known to be corrupt, is written again.

        Raises:
            StoreFull: there is no room; trying again will not help, and nothing was kept.
            StoreUnavailable: the store failed otherwise, and nothing was kept.
        """

    def put_many(self, artifacts: Sequence[bytes]) -> list[Digest]:
        """Keep all of *artifacts*, for much less than the sum of single puts. Returns their digests, in order.

        Each one is atomic, durable and idempotent, as with :meth:`put`; all of them together are not atomic: when
        this raises, some may have been kept, each of them whole. Putting them all again is right.

        Raises:
            StoreFull, StoreUnavailable: as :meth:`put`.
        """
        return [self.put(data) for data in artifacts]

    @abstractmethod
    def get(self, digest: Digest) -> bytes:
        """The whole artifact, hashed before it is returned: never a byte that does not belong to *digest*.

        Costs memory for the whole artifact; :meth:`read` does not.

        Raises:
            ArtifactMissing: the store holds no such artifact.
            ArtifactCorrupt: what the store holds does not hash to *digest*.
        """

    @abstractmethod
    def size(self, digest: Digest) -> int:
        """How many bytes the store holds under *digest*. Cheap; says nothing about whether they are the right ones.

        Raises:
            ArtifactMissing: the store holds no such artifact.
        """

    @abstractmethod
    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """The bytes from *start* up to *stop*, out of an artifact that as a whole hashes to *digest*.

        The first call on an artifact hashes all of it, as a stream; later calls only look whether it changed since.
        An empty slice is the cheap way to ask whether an artifact can be served.

        Args:
            digest: the artifact.
            start: offset of the first byte, 0 or more.
            stop: offset after the last byte; behind the end of the artifact, it means the end.

        Raises:
            ArtifactMissing: the store holds no such artifact.
            ArtifactCorrupt: what the store holds does not hash to *digest*.
            ValueError: *start* or *stop* is negative.
        """

    @abstractmethod
    def verify(self, digest: Digest) -> int:
        """Hash the artifact anew, as a stream in constant memory, whatever is known of it. Returns its size in bytes.

        Raises:
            ArtifactMissing: the store holds no such artifact.
            ArtifactCorrupt: what the store holds does not hash to *digest*. Nothing is deleted.
        """

    @abstractmethod
    def digests(self) -> Iterator[Digest]:
        """Every artifact in the store, once, in no order. Lazy where the file system allows it.

        Artifacts that come or go meanwhile may or may not be seen. Other files in the store are passed over.
        """

    @abstractmethod
    def delete(self, digest: Digest) -> None:
        """Forget the artifact. Atomic and idempotent: a missing one is no error.

        Not durable: after a power failure it may be back, which harms nobody.
        """
