"""Which documents lack outputs of their files, in case the server dies before they have them."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from ...store import durable

UNFINISHED = "crdt-outputs-unfinished"
"""A folder of a server's data directory."""


class Begun(StrEnum):
    """What a document was when it began to be filled."""

    AS_SOURCE = "source"
    """It was made from the file, and can be made again in the same way."""

    WITH_HISTORY = "history"
    """It had a history, and took over the cells of the file, whose ids are the file's own."""


class UnfinishedRooms:
    """One small file for each. Every method blocks; none raises OSError.

    Args:
        folder: made when needed; private to the user.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, room_id: str, file: os.stat_result, begun: Begun) -> None:
        """The document of this room is being filled from *file*."""
        with suppress(OSError):
            durable.make_folder(self._folder)
            path = self._path(room_id)
            path.unlink(missing_ok=True)
            record = {"file": durable.identity_of(file), "begun": begun}
            durable.write_file(path, json.dumps(record).encode(), synced=False)

    def remove(self, room_id: str) -> None:
        """The document is complete, and so is its history."""
        with suppress(OSError):
            self._path(room_id).unlink(missing_ok=True)

    def begun(self, room_id: str, file: os.stat_result) -> Begun | None:
        """How the document began to be filled, if it was from this very file."""
        try:
            record = json.loads(self._path(room_id).read_bytes())
            return Begun(record["begun"]) if record["file"] == list(durable.identity_of(file)) else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def _path(self, room_id: str) -> Path:
        return self._folder / hashlib.sha256(room_id.encode()).hexdigest()[:32]
