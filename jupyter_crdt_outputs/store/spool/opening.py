"""The store as a server wants it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

from .. import durable
from ..artifact_store import ArtifactStore
from ..local import LocalBlobs
from ..opening import is_near, open_store
from .spooled_store import CACHE, SPOOL, SpooledStore

SPOOLS = "crdt-outputs-spool"
"""The folder of the spools and caches of all stores, in Jupyter's data directory."""

_STORE = "store.txt"


def open_spooled(
    url: str, folder: Path, spool_max_bytes: int, cache_max_bytes: int, log: logging.Logger
) -> ArtifactStore:
    """The store at *url*: a local one as it is, any other with a spool and a cache in front.

    A store that does not answer is no error: what is put waits for it.

    Args:
        url: as for :func:`.open_store`.
        folder: of the spools and caches of all stores.
        spool_max_bytes: see :class:`.SpooledStore`.
        cache_max_bytes: see :class:`.SpooledStore`.
        log: for administrators.

    Raises:
        InvalidSetting: *url* can never work as it is.
    """
    if is_near(url):
        return open_store(url)
    own = _own(url, folder)
    _name(own, open_store(url).blobs.where)
    for other, count in _left_behind(folder, own):
        log.warning(
            "%d outputs wait in %s to be stored in %s, which is not the store of this server any more. Start it once "
            "with that store_url, or let jupyter crdt-outputs copy them from there",
            count,
            other / SPOOL,
            _name_of(other),
        )
    return SpooledStore(partial(open_store, url), own, spool_max_bytes, cache_max_bytes, log)


def spool_folder(url: str, folder: Path) -> Path:
    """Where artifacts wait to be in the store at *url*: a local store of its own, below the folder of all spools."""
    return _own(url, folder) / SPOOL


def cache_folder(url: str, folder: Path) -> Path:
    """Where copies are kept of what is in the store at *url*, below the folder of all spools; likewise."""
    return _own(url, folder) / CACHE


def _own(url: str, folder: Path) -> Path:
    return folder / sha256(url.encode()).hexdigest()[:16]


def _name(own: Path, where: str) -> None:
    """Write down, for people, which store a folder is for; its name does not tell."""
    with suppress(OSError):  # a full disk is told of by whoever needs room
        own.mkdir(durable.FOLDER_MODE, parents=True, exist_ok=True)
        (own / _STORE).write_text(where)


def _name_of(own: Path) -> str:
    try:
        return (own / _STORE).read_text()
    except OSError:
        return "another store"


def _left_behind(folder: Path, own: Path) -> Iterator[tuple[Path, int]]:
    """Folders of other stores for which something waits, and how much."""
    for other in folder.iterdir() if folder.is_dir() else ():
        if other != own and (other / SPOOL).is_dir():
            count = sum(1 for _ in LocalBlobs(other / SPOOL).entries())
            if count:
                yield other, count
