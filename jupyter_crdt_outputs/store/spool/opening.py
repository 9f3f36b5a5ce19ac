"""The store as a server wants it."""

from __future__ import annotations

import logging
from functools import partial
from hashlib import sha256
from pathlib import Path

from ...errors import StoreUnavailable
from ..artifact_store import ArtifactStore
from ..opening import is_near, open_store
from .spooled_store import CACHE, SPOOL, SpooledStore


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
    try:
        open_store(url)
    except StoreUnavailable as error:
        log.warning("outputs wait on this server to be stored: %s", error)
    return SpooledStore(partial(open_store, url), _own(url, folder), spool_max_bytes, cache_max_bytes, log)


def spool_folder(url: str, folder: Path) -> Path:
    """Where artifacts wait to be in the store at *url*: a local store of its own, below the folder of all spools."""
    return _own(url, folder) / SPOOL


def cache_folder(url: str, folder: Path) -> Path:
    """Where copies are kept of what is in the store at *url*, below the folder of all spools; likewise."""
    return _own(url, folder) / CACHE


def _own(url: str, folder: Path) -> Path:
    return folder / sha256(url.encode()).hexdigest()[:16]
