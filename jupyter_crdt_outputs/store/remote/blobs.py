"""Blobs on any file system that fsspec has a driver for: object stores, SFTP, WebDAV, memory for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fsspec import AbstractFileSystem

from ...model.digest import Digest
from ..blobs import BlobStat
from ..failures import missing, store_errors
from ..layout import key_of
from ..parallel import each
from .areas import RemoteAreas
from .deadlines import Deadline, calls_on
from .file_info import modified_in, version_of
from .object_files import ObjectFiles
from .renamed_files import RenamedFiles


class RemoteBlobs(RemoteAreas):
    """Blobs under *root* on *filesystem*.

    Durable as soon as the service says so. Every call to the service ends by *deadline*, as
    :class:`StoreUnavailable` if need be.

    Args:
        filesystem: of fsspec, not shared with others and without a cache of listings; or what connects to one, called
            for each connection, where those cannot be used by several threads.
        root: the path of the store in it, without a trailing slash.
        where: the place for messages, without secrets.
        atomic: whether one call of the driver writes one file, whole or not at all, as in object stores. Everywhere
            else a file is written aside and renamed.
        deadline: of each call.
    """

    def __init__(
        self,
        filesystem: AbstractFileSystem | Callable[[], AbstractFileSystem],
        root: str,
        where: str,
        *,
        atomic: bool = False,
        deadline: Deadline | None = None,
    ) -> None:
        files = ObjectFiles if atomic else RenamedFiles
        super().__init__(files(calls_on(filesystem, deadline or Deadline()), root, where))

    @property
    def stat_costs_a_round_trip(self) -> bool:
        """Where a write is one request, too."""
        return self._files.write_is_one_request

    def stat(self, digest: Digest) -> BlobStat | None:
        """One round trip. The version is what the driver offers that tells most."""
        with store_errors("look into", self.where):
            info = self._files.info(key_of(digest))
        return None if info is None else BlobStat(int(info["size"]), version_of(info), modified_in(info))

    def read(self, digest: Digest, start: int = 0, stop: int | None = None) -> bytes:
        """One ranged request; of a large artifact of unknown size, several."""
        with store_errors("read from", self.where):
            try:
                return self._files.read(key_of(digest), start, stop)
            except FileNotFoundError as error:
                raise missing(digest, self.where) from error

    def write(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """One request for each blob, several at a time; elsewhere than on object stores, a file aside and a rename."""
        with store_errors("write to", self.where):
            each(lambda digest: self._files.write(key_of(digest), blobs[digest]), blobs)
        return {}  # a stat would cost one more round trip for each

    def settle(self, blobs: Mapping[Digest, bytes]) -> Mapping[Digest, BlobStat]:
        """Believes what is there: to compare the bytes would be to download them."""
        stats = each(self.stat, blobs)
        return {digest: found for digest, found in zip(blobs, stats, strict=True) if found is not None}
