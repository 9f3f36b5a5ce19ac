"""What a job keeps where: by the configuration of the server, into its store, without a server."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ..errors import CrdtOutputsError
from ..files.thinning import thinned
from ..store import open_store
from ..store.archive import Archive
from ..tools.notebooks.thin_files import ThinFiles


class Keeping:
    """Gives outputs the form that they have in a file with references.

    An artifact is durable before its reference is given out. What cannot be kept stays as it is, as in stock.

    Args:
        archive: into the store.
        file_max_bytes: an output with a larger part becomes a reference; None for none but streams too long for a file.
        log: told once when the store fails.
    """

    def __init__(self, archive: Archive, file_max_bytes: int | None, log: logging.Logger) -> None:
        self.archive = archive
        self.file_max_bytes = file_max_bytes
        self._log = log
        self._has_failed = False

    def in_file(self, output: Mapping[str, Any]) -> Mapping[str, Any]:
        """The output itself, or the reference that stands for it. Blocks on the store."""
        thin = thinned(output, self.archive, self.file_max_bytes)
        if thin is None:
            return output
        try:
            self.archive.keep(thin.artifacts)
        except (CrdtOutputsError, OSError) as error:
            self.failed(error)
            return output
        return thin.output

    def failed(self, error: Exception) -> None:
        """The store could not keep something."""
        if not self._has_failed:
            self._log.warning("outputs stay in the notebook, since the artifact store failed: %s", error)
        self._has_failed = True


def configured(metadata: Mapping[str, Any], path: str, log: logging.Logger) -> Keeping:
    """As the server's configuration says.

    Args:
        metadata: of the notebook, which may have a limit of its own.
        path: of the file that is to be written, for rules of folders; empty where there is none.
        log: for what goes wrong later.

    Raises:
        InvalidSetting: the configuration cannot work.
    """
    thin = ThinFiles()
    archive = thin.archive(open_store(thin.settings.store_url))
    return Keeping(archive, thin.limit_of(path, metadata), log)
