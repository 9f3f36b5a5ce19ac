"""What a job keeps where: by the configuration of the server, into its store, without a server."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CrdtOutputsError
from ..files.limits import FileLimits
from ..model.offload import offload
from ..model.reference import reference_in
from ..options import Options
from ..store import open_store
from ..store.archive import Archive
from ..tools.configuration import SECTION, Configuration


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
        offloaded = offload(output, self.archive.policy)
        if not self.leaves(offloaded.output):
            return output
        try:
            self.archive.keep(offloaded.artifacts)
        except (CrdtOutputsError, OSError) as error:
            self.failed(error)
            return output
        referring: Mapping[str, Any] = self.archive.referring(offloaded.output)
        return referring

    def leaves(self, output: Mapping[str, Any]) -> bool:
        """Whether what is in the document's form is a reference that is one in the file too."""
        reference = reference_in(output)
        return reference is not None and self.archive.policy.leaves_file(reference, self.file_max_bytes)

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
    configuration = Configuration()
    options: Options = type(SECTION, (Options,), {})(config=configuration.values)
    settings = options.checked()
    # Whoever runs a notebook in this way wants references, unless a limit is set that says which.
    default = settings.policy.document_max_bytes if settings.file_max_bytes is None else settings.file_max_bytes
    limits = FileLimits(default, settings.file_max_bytes_for)
    limit = limits.of(_below(path, str(configuration.root_dir().value)), metadata)
    return Keeping(Archive(open_store(settings.store_url), settings.policy), limit, log)


def _below(path: str, root: str) -> str:
    """A path as rules of the server have it: relative to its root, or as it is when it is elsewhere."""
    if "://" in path or not path:
        return path
    relative = os.path.relpath(Path(path).resolve(), Path(root).resolve())
    return path if relative.startswith("..") else Path(relative).as_posix()
