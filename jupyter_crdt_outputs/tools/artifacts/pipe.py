"""Artifacts from one store into another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from ...errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError
from ...model.digest import Digest
from ...store.blobs import Entry
from ...store.tombstones import Tombstones
from ..output import count_text
from ..parallel import in_batches, in_threads
from ..place import Place
from ..refused import Refused

_LARGE_BYTES = 1 << 26
_THREADS = 4
_BATCHES = 4


@dataclass(slots=True)
class Copied:
    """What became of a batch, or of all of them.

    Attributes:
        count: artifacts that are now in the target and were not before.
        size: their bytes.
        there: artifacts that need not be copied.
        corrupt: what the source holds of these does not hash to its name; not copied.
        gone: removed from the source meanwhile.
        removed: purged from the target, which refuses them.
    """

    count: int = 0
    size: int = 0
    there: int = 0
    corrupt: list[Digest] = field(default_factory=list)
    gone: list[Digest] = field(default_factory=list)
    removed: list[Digest] = field(default_factory=list)

    def add(self, other: Copied) -> None:
        """Together."""
        self.count += other.count
        self.size += other.size
        self.corrupt += other.corrupt
        self.gone += other.gone
        self.removed += other.removed


class Pipe:
    """From one store into the other, with no more than one large artifact in memory.

    Raises:
        Refused: the two are one.
    """

    def __init__(self, source: Place, target: Place) -> None:
        # Of two addresses in one bucket's words, the options after the question mark may tell different services.
        if source.where == target.where and source.url.partition("?")[2] == target.url.partition("?")[2]:
            raise Refused(f"{source.where} is one and the same store")
        self._source = source.store
        self._target = target.store
        self._tombstones = Tombstones(target.blobs.records, target.where)
        self._large = Lock()

    def copy_all(self, entries: Iterable[Entry], result: Copied, advance: Callable[[int], object]) -> None:
        """Copy them, several batches at once; what is done is added to *result* as it is done.

        Args:
            entries: with the sizes that the source has.
            result: is added to.
            advance: called with the bytes of each batch.

        Raises:
            StoreFull, StoreUnavailable: the message says how many were copied, each of them whole.
        """
        try:
            for done in in_threads(self.copy, in_batches(entries, lambda entry: entry.size), _BATCHES):
                result.add(done)
                advance(done.size)
        except CrdtOutputsError as error:
            done_ = f"{count_text(result.count, 'artifact')} copied; the same command goes on with the rest."
            raise type(error)(f"{error} {done_}") from error

    def copy(self, batch: list[Entry]) -> Copied:
        """Copy a few, several at once.

        Raises:
            StoreFull, StoreUnavailable: some may have been copied, each of them whole.
        """
        if batch[0].size > _LARGE_BYTES:
            with self._large:
                return self._copy(batch)
        return self._copy(batch)

    def _copy(self, batch: list[Entry]) -> Copied:
        result = Copied()
        artifacts: list[bytes] = []
        removed = self._tombstones.among(entry.digest for entry in batch)
        result.removed += removed
        batch = [entry for entry in batch if entry.digest not in removed]
        with ThreadPoolExecutor(min(_THREADS, len(batch) or 1)) as pool:
            for entry, data in zip(batch, pool.map(lambda each: self._get(each.digest), batch), strict=True):
                if isinstance(data, bytes):
                    artifacts.append(data)
                elif isinstance(data, ArtifactCorrupt):
                    result.corrupt.append(entry.digest)
                else:
                    result.gone.append(entry.digest)
        self._target.put_many(artifacts)
        result.count, result.size = len(artifacts), sum(map(len, artifacts))
        return result

    def _get(self, digest: Digest) -> bytes | CrdtOutputsError:
        try:
            return self._source.get(digest)
        except (ArtifactCorrupt, ArtifactMissing) as error:
            return error
