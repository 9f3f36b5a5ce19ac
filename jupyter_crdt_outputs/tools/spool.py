"""What this machine still has to upload to a store, as its server keeps it."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from ..store.local import LocalBlobs
from ..store.opening import is_near
from ..store.spool import SPOOLS, cache_folder, spool_folder


def spooled(url: str) -> LocalBlobs | None:
    """What waits here to be in the store at *url*; None for a store that needs no spool, or that has none here.

    Args:
        url: exactly as the server has it.
    """
    folder = spool_folder(url, Path(jupyter_data_dir()) / SPOOLS)
    return None if is_near(url) or not folder.is_dir() else LocalBlobs(folder)


def copies_here(url: str) -> list[LocalBlobs]:
    """Every folder of this machine in which its server may have copies of what is in the store at *url*."""
    folder = cache_folder(url, Path(jupyter_data_dir()) / SPOOLS)
    cache = None if is_near(url) or not folder.is_dir() else LocalBlobs(folder)
    return [copies for copies in (spooled(url), cache) if copies is not None]
