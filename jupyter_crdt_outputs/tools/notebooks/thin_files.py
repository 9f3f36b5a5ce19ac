"""What is to be a reference in files that are asked to be small, by the configuration of the server."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...files.limits import FileLimits
from ...files.thumbnails import Thumbnails
from ...options import Options
from ...settings import Settings
from ...store.archive import Archive
from ...store.artifact_store import ArtifactStore
from ..configuration import SECTION, Configuration


class ThinFiles:
    """The server's settings, and the limits of files that follow from them.

    Raises:
        InvalidSetting: the configuration cannot work.
    """

    def __init__(self) -> None:
        configuration = Configuration()
        options: Options = type(SECTION, (Options,), {})(config=configuration.values)
        self.settings: Settings = options.checked()
        self._root = str(configuration.root_dir().value)
        limit = self.settings.file_max_bytes
        # Whoever asks for references, and sets no limit, wants what a document has.
        default = self.settings.document_max_bytes if limit is None else limit
        self._limits = FileLimits(default, self.settings.file_max_bytes_for)

    def archive(self, store: ArtifactStore) -> Archive:
        """Offloads into *store* as the server does into its own, with thumbnails if the server makes them.

        Raises:
            InvalidSetting: it is to make them, and nothing is installed that does.
        """
        thumbnails = Thumbnails(store, logging.getLogger(__name__)) if self.settings.thumbnails else None
        return Archive(store, self.settings.policy, thumbnails)

    def limit_of(self, path: str, metadata: Mapping[str, Any]) -> int | None:
        """The largest part of an output that belongs in the file; None when the notebook or a rule wants it complete.

        Args:
            path: of the file; empty where there is none.
            metadata: of the notebook.
        """
        return self._limits.of(self._below_root(path), metadata)

    def _below_root(self, path: str) -> str:
        """As rules have it: relative to the server's root, or as it is when it is elsewhere."""
        if "://" in path or not path:
            return path
        relative = os.path.relpath(Path(path).resolve(), Path(self._root).resolve())
        return path if relative.startswith("..") else Path(relative).as_posix()
