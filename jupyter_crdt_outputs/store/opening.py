"""From a URL in a setting to a store, or to a message that says what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidSetting
from .address import EXAMPLES, Address, scheme_of
from .blobs import Blobs
from .local import LocalBlobs
from .verified_store import VerifiedStore

if TYPE_CHECKING:
    from .remote.deadlines import Deadline


def is_near(url: str) -> bool:
    """Whether the store at *url* is on this machine or in this process, so that nothing is gained by a copy."""
    return scheme_of(url) in ("file", "local", "memory")


def open_store(url: str) -> VerifiedStore:
    """The store at *url*. Writes nothing, and asks nobody: a local folder is created by the first put.

    Args:
        url: an absolute local path (``~`` is understood), ``file://``, ``memory://name`` (gone with the process), or
            any other URL that fsspec has a driver for. Where :mod:`.drivers` knows the driver, its options may follow
            a question mark. Credentials are none of them: they belong into the environment, where the driver looks.

    Raises:
        InvalidSetting: *url* can never work as it is; the message says what would.
    """
    return VerifiedStore(open_blobs(url))


def open_blobs(url: str, deadline: Deadline | None = None) -> Blobs:
    """What :func:`open_store` puts its store on. For wrappers that work below the hash, and for tests.

    Args:
        url: as for :func:`open_store`.
        deadline: of each call to a remote store.
    """
    if scheme_of(url) in ("file", "local"):
        path = _local_path(url)
        _check_folder(path)
        return LocalBlobs(path)
    from .remote import RemoteBlobs  # late: so are fsspec and asyncio, half of what a command starts with

    address = Address.parse(url)
    source = address.connect(address.driver)
    return RemoteBlobs(source, address.root, address.where, atomic=address.driver.atomic, deadline=deadline)


def _local_path(url: str) -> Path:
    if url.startswith("/"):
        return Path(url)
    from fsspec.implementations.local import LocalFileSystem

    return Path(LocalFileSystem._strip_protocol(url))


def _check_folder(path: Path) -> None:
    """Refuse a local *path* that can never be a folder, without creating it."""
    above = path
    while not (above.exists() or above.is_symlink() or above == above.parent):
        above = above.parent
    if not above.is_dir():
        raise InvalidSetting(f"the artifact store {path} cannot be a folder, since {above} is not one: give {EXAMPLES}")
