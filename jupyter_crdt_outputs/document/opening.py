"""Reading notebook files for rooms: from memory when nobody has changed them, else their cells before their outputs."""

from __future__ import annotations

import asyncio
import copy
import logging
import os
from functools import partial
from pathlib import Path
from typing import Any

from ..files import CannotCut, KnownNotebook, NotebookReading
from ..files.healing import bring_back_missing
from ..files.pieces import key_of
from ..store.archive import Archive
from .background import Background
from .handing_over import reading_for
from .late_trust import LateTrust
from .opened import OpenedNotebook, mark_cells
from .remembering import SMALL_BYTES, FileMemory, secret_name
from .signatures import Signatures


class NotebookOpener:
    """Opens what a contents manager for files would.

    Args:
        memory: of files that were opened or saved before.
        archive: of the documents.
        late_trust: finds out what is not known when a notebook is opened.
        background: does what nobody waits for.
        log: for administrators.
    """

    def __init__(
        self, memory: FileMemory, archive: Archive, late_trust: LateTrust, background: Background, log: logging.Logger
    ) -> None:
        self._memory = memory
        self._archive = archive
        self._late_trust = late_trust
        self._background = background
        self._log = log

    async def open(self, manager: Any, signatures: Signatures, path: str, os_path: Path, model: dict[str, Any]) -> bool:
        """Put the notebook into *model*. False when that is left to the manager, with nothing done.

        Args:
            manager: a contents manager for files.
            signatures: of the notebooks that its notary trusts.
            path: of the notebook, as users see it.
            os_path: of its file.
            model: of the file, without content.
        """
        if (model.get("size") or 0) < SMALL_BYTES:
            return False
        try:
            known = await asyncio.to_thread(self._memory.find, os_path, manager.hash_algorithm)
            if known is not None:
                opened = await self._from_memory(manager, signatures, path, os_path, *known)
            else:
                opened = await self._from_file(manager, signatures, path, os_path, model)
        except (OSError, CannotCut) as error:
            self._log.debug("%s is read as a whole: %r", path, error)
            return False
        except Exception:
            self._log.warning("%s is read as a whole", path, exc_info=True)
            return False
        model["content"], model["format"] = opened, "json"
        return True

    async def _from_memory(
        self,
        manager: Any,
        signatures: Signatures,
        path: str,
        os_path: Path,
        known: KnownNotebook,
        found: os.stat_result,
    ) -> OpenedNotebook:
        signature = known.signature if known.signed_by == secret_name(manager.notary) else None
        trusted = signature is not None and await self._trusts(signatures, path, signature)
        mark_cells(known.notebook, trusted)
        await asyncio.to_thread(self._came_from_file, known)
        self._memory.recall(os_path, found, known, signature if trusted else None)
        # The file was not read, so nobody has seen whether the store still has what came from it.
        self._background.start(
            self._heal(path, os_path, known.notebook),
            f"nobody knows whether the outputs of {path} are all in the store",
        )
        opened = OpenedNotebook(known.notebook, stat=found, room_id=reading_for())
        if signature is None:  # as of one that was saved untrusted; to read all of it first would take seconds
            self._background.start(
                self._late_trust.find_out(
                    manager.notary, partial(self._trusts, signatures, path), os_path, known, opened
                ),
                f"nobody knows whether {path} is trusted",
            )
        return opened

    async def _heal(self, path: str, os_path: Path, notebook: dict[str, Any]) -> None:
        if await asyncio.to_thread(bring_back_missing, os_path, notebook, self._archive):
            self._log.warning("artifacts of %s were missing, and are brought back from its file", path)

    async def _from_file(
        self, manager: Any, signatures: Signatures, path: str, os_path: Path, model: dict[str, Any]
    ) -> OpenedNotebook:
        reading, content = await asyncio.to_thread(_begun, os_path)
        error = reading.validation_error
        manager.validate_notebook_model(model, {} if error is None else {"ValidationError": error})
        return OpenedNotebook(
            content,
            reading,
            stat=reading.stat,
            trusts=partial(self._trusts, signatures, path),
            signature=lambda reading: reading.signature(manager.notary),
            hash_=lambda reading: reading.hash(manager.hash_algorithm),
            read=partial(self._memory.read, manager, path, os_path),
            room_id=reading_for(),
        )

    def _came_from_file(self, known: KnownNotebook) -> None:
        for cell in known.notebook["cells"]:
            for output in cell.get("outputs") or ():
                if key_of(output) not in known.spans:
                    self._archive.came_from_file(output)

    async def _trusts(self, signatures: Signatures, path: str, signature: str | None) -> bool:
        trusted = signature is not None and await signatures.has(signature)
        if not trusted:
            self._log.warning("Notebook %s is not trusted", path)
        return trusted


def _begun(path: Path) -> tuple[NotebookReading, dict[str, Any]]:
    """A file that is being read, and its cells as they are in a document until more is known."""
    reading = NotebookReading(path)
    content = copy.deepcopy(reading.notebook)  # marks of trust are not signed
    mark_cells(content, False)
    return reading, content
