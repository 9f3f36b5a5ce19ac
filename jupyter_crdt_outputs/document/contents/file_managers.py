"""What kind of contents manager one is, and where the files are of one that has files.

With ``rooms/`` the only place that touches private names of the packages underneath: those of jupyter_server's file
contents manager, which are needed for nothing but speed. Where one is missing or was replaced, such as by the contents
manager of another storage or by hooks that look at what is saved, notebooks are saved in the ordinary way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


def is_known(manager: Any) -> bool:
    """Whether saving is what jupyter_server does: no class in between has replaced a part of it."""
    kind = type(manager)
    return (
        isinstance(manager, AsyncFileContentsManager)
        and kind.save in (AsyncFileContentsManager.save, AsyncLargeFileManager.save)
        and all(
            getattr(kind, name, None) is getattr(AsyncFileContentsManager, name, None) is not None
            for name in ("get", "check_and_sign", "_save_notebook", "_notebook_model", "_get_os_path", "atomic_writing")
        )
        and all(hasattr(manager, name) for name in ("_pre_save_hooks", "hash_algorithm", "notary"))
    )


def is_hooked(manager: Any) -> bool:
    """Whether somebody wants to see, and perhaps to change, notebooks before they are saved by one that is known."""
    return bool(manager.pre_save_hook or manager._pre_save_hooks) or not manager.use_atomic_writing


def os_path_of(manager: Any, path: str) -> Path:
    """Where on this machine a file of a known contents manager is, by its path in the contents.

    Raises:
        HTTPError: 404 for what is outside of the root directory.
    """
    return Path(manager._get_os_path(path.strip("/")))


def file_of(manager: Any, path: str) -> Path | None:
    """The same for any contents manager; None for contents that are no files. Raises HTTPError, as above."""
    has_files = isinstance(manager, FileManagerMixin) and hasattr(manager, "_get_os_path")
    return os_path_of(manager, path) if has_files else None
