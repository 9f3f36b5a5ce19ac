"""Files that cells want their streams in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..refused import Refused
from .sinks import Sink, file_sink

_FILE_NAME = re.compile(r"[\w-][\w .-]{0,200}")


def wanted_by(cell: Mapping[str, Any], folder: Path) -> dict[str, Sink]:
    """Where a cell wants its streams, by their names. Raises :class:`Refused` for what is no file in *folder*."""
    metadata = cell.get("metadata")
    wishes = metadata.get("crdt-outputs") if isinstance(metadata, Mapping) else None
    if not isinstance(wishes, Mapping):
        return {}
    return {name: file_sink(file_in(folder, wishes[name])) for name in ("stdout", "stderr") if name in wishes}


def file_in(folder: Path, name: object) -> Path:
    """A file in a folder, by a name from a document. Raises :class:`Refused` for anything that is more than a name."""
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        raise Refused(
            f"a cell wants its output in {name!r:.80}, which is not the name of a file in {folder}: change its "
            "metadata, or run it without --redirect-dir"
        )
    file = folder / name
    if file.is_symlink():
        raise Refused(f"a cell wants its output in {file}, which is a link to another place: remove it")
    return file
