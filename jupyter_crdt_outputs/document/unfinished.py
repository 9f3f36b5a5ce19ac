"""Which documents lack outputs of their files, in case the server dies before they have them."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from ..store import durable

UNFINISHED = "crdt-outputs-unfinished"
"""A folder of a server's data directory."""


class UnfinishedRooms:
    """One small file for each. Every method blocks; none raises OSError.

    Args:
        folder: made when needed; private to the user.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, room_id: str, file: os.stat_result) -> None:
        """The document of this room is being filled from *file*."""
        with suppress(OSError):
            durable.make_folder(self._folder)
            path = self._path(room_id)
            path.unlink(missing_ok=True)
            durable.write_file(path, json.dumps(durable.identity_of(file)).encode(), synced=False)

    def remove(self, room_id: str) -> None:
        """The document is complete, and so is its history."""
        with suppress(OSError):
            self._path(room_id).unlink(missing_ok=True)

    def has(self, room_id: str, file: os.stat_result) -> bool:
        """Whether the document was being filled from this very file."""
        try:
            return bool(json.loads(self._path(room_id).read_bytes()) == list(durable.identity_of(file)))
        except (OSError, ValueError):
            return False

    def _path(self, room_id: str) -> Path:
        return self._folder / hashlib.sha256(room_id.encode()).hexdigest()[:32]
