"""Reading notebook files for rooms: from memory when nobody has changed them, else their cells before their outputs."""

from __future__ import annotations

import asyncio
import copy
import hmac
import logging
import os
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..files import CannotCut, KnownNotebook, KnownNotebooks, NotebookFiles, NotebookReading, Saved
from ..files.healing import bring_back_missing
from ..files.pieces import key_of, pieces_of
from ..files.recognising import plan_of_file
from ..store import durable
from ..store.archive import Archive
from .opened import OpenedNotebook, mark_cells

_SMALL_BYTES = 1 << 20
"""A file of this size is read as a whole as fast as in steps."""

_REST_S = 3.0
"""A file is noted once it has rested, since one that was just written could be written again unnoticed."""


class NotebookOpener:
    """Opens what a contents manager for files would.

    Args:
        known: what is known of files.
        files: is told of what is known, so that saves can take the outputs from the file.
        archive: of the documents.
        log: for administrators.
    """

    def __init__(self, known: KnownNotebooks, files: NotebookFiles, archive: Archive, log: logging.Logger) -> None:
        self._known = known
        self._files = files
        self._archive = archive
        self._log = log
        self._lock = threading.Lock()
        self._due: dict[Path, tuple[threading.Timer, Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, manager: Any, path: str, model: dict[str, Any]) -> bool:
        """Put the notebook into *model*. False when that is left to the manager, with nothing done.

        Args:
            manager: a contents manager for files.
            path: of the notebook, as users see it.
            model: of the file, without content.
        """
        if (model.get("size") or 0) < _SMALL_BYTES:
            return False
        try:
            os_path = Path(manager._get_os_path(path))
            known = await asyncio.to_thread(self._known.find, os_path, manager.hash_algorithm)
            opened = None if known is None else await self._from_memory(manager, path, os_path, *known)
            if opened is None:
                opened = await self._from_file(manager, path, os_path, model)
        except (OSError, CannotCut) as error:
            self._log.debug("%s is read as a whole: %r", path, error)
            return False
        except Exception:
            self._log.warning("%s is read as a whole", path, exc_info=True)
            return False
        model["content"], model["format"] = opened, "json"
        return True

    def saved(self, manager: Any, os_path: Path, notebook: Mapping[str, Any], saved: Saved) -> None:
        """A notebook, in the document's form, was saved."""
        if saved.size >= _SMALL_BYTES:
            notebook = dict(notebook)
            self._later(os_path, partial(self._remember_saved, _secret_name(manager.notary), os_path, notebook, saved))

    def stop(self) -> None:
        """Remember what is due. Blocks."""
        with self._lock:
            due, self._due = list(self._due.values()), {}
        for timer, remember in due:
            timer.cancel()
            remember()

    async def _from_memory(
        self, manager: Any, path: str, os_path: Path, known: KnownNotebook, found: os.stat_result
    ) -> OpenedNotebook | None:
        signature = known.signature if known.signed_by == _secret_name(manager.notary) else None
        if signature is None:
            signature = await asyncio.to_thread(_signature_of_file, os_path, manager.notary)
            if signature is None:
                return None
        trusted = self._trusts(manager, path, signature)
        mark_cells(known.notebook, trusted)
        await asyncio.to_thread(self._came_from_file, known)
        self._recall(os_path, found, known, signature if trusted else None)
        task = asyncio.get_running_loop().create_task(self._heal(path, os_path, known.notebook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return OpenedNotebook(known.notebook, stat=found, is_known=True)

    async def _heal(self, path: str, os_path: Path, notebook: dict[str, Any]) -> None:
        """The file was not read, so nobody has seen whether the store still has what came from it."""
        try:
            if await asyncio.to_thread(bring_back_missing, os_path, notebook, self._archive):
                self._log.warning("artifacts of %s were missing, and are brought back from its file", path)
        except Exception as error:
            self._log.warning("nobody knows whether the outputs of %s are all in the store: %r", path, error)

    async def _from_file(self, manager: Any, path: str, os_path: Path, model: dict[str, Any]) -> OpenedNotebook:
        reading = await asyncio.to_thread(NotebookReading, os_path)
        content = copy.deepcopy(reading.notebook)  # marks of trust are not signed
        mark_cells(content, False)
        error = reading.validation_error
        manager.validate_notebook_model(model, {} if error is None else {"ValidationError": error})
        return OpenedNotebook(
            content,
            reading,
            stat=reading.stat,
            trusts=partial(self._trusts, manager, path),
            signature=lambda reading: reading.signature(manager.notary),
            read=partial(self._remember_read, manager.hash_algorithm, _secret_name(manager.notary), os_path),
        )

    def _came_from_file(self, known: KnownNotebook) -> None:
        for cell in known.notebook["cells"]:
            for output in cell.get("outputs") or ():
                if key_of(output) not in known.spans:
                    self._archive.came_from_file(output)

    def _trusts(self, manager: Any, path: str, signature: str | None) -> bool:
        notary = manager.notary
        trusted = signature is not None and bool(notary.store.check_signature(signature, notary.algorithm))
        if not trusted:
            self._log.warning("Notebook %s is not trusted", path)
        return trusted

    def _remember_read(
        self,
        hash_algorithm: str,
        signed_by: str,
        os_path: Path,
        opened: OpenedNotebook,
        spans: dict[str, tuple[int, int]],
        signature: str | None,
    ) -> None:
        reading = opened.reading
        assert reading is not None
        notebook = _unmarked(opened)
        hash_ = reading.hash(hash_algorithm)
        try:
            plan = plan_of_file(os_path, pieces_of(notebook, self._archive.restores), spans)
        except Exception:  # of what nbformat cannot write; then nothing is known of the file's text
            plan = ""
        known = KnownNotebook(notebook, hash_, hash_algorithm, signature, signed_by, plan, spans)
        self._known.remember(os_path, reading.stat, known)
        trusted = any(cell["metadata"].get("trusted") for cell in opened["cells"] if cell["cell_type"] == "code")
        self._recall(os_path, reading.stat, known, signature if trusted else None)

    def _recall(self, os_path: Path, found: os.stat_result, known: KnownNotebook, signature: str | None) -> None:
        stat = durable.identity_of(found)
        self._files.recall(os_path, Saved(stat, known.hash, known.hash_algorithm, signature, known.plan, known.spans))

    def _remember_saved(self, signed_by: str, os_path: Path, notebook: dict[str, Any], saved: Saved) -> None:
        with self._lock:
            self._due.pop(os_path, None)
        try:
            thin = _unmarked(notebook)
            found = os_path.stat()
            if durable.identity_of(found) != saved.stat or self._archive.offload_notebook(thin) != thin:
                return  # changed meanwhile, or with outputs that are still being written
            known = KnownNotebook(
                thin, saved.hash, saved.hash_algorithm, saved.signature, signed_by, saved.plan, saved.spans
            )
            self._known.remember(os_path, found, known)
        except Exception as error:
            self._log.debug("%s is not remembered: %r", os_path, error)

    def _later(self, os_path: Path, remember: Any) -> None:
        with self._lock:
            before = self._due.pop(os_path, None)
            if before is not None:
                before[0].cancel()
            timer = threading.Timer(_REST_S, remember)
            timer.daemon = True
            self._due[os_path] = (timer, remember)
            timer.start()


def _unmarked(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as the file has it: what nbformat does not write is left out."""
    cells = [
        {**cell, "metadata": {name: value for name, value in cell["metadata"].items() if name != "trusted"}}
        for cell in notebook["cells"]
    ]
    kept = {
        name: value
        for name, value in notebook["metadata"].items()
        if name not in ("orig_nbformat", "orig_nbformat_minor", "signature")
    }
    return copy.deepcopy({**notebook, "cells": cells, "metadata": kept})


def _signature_of_file(path: Path, notary: Any) -> str | None:
    try:
        reading = NotebookReading(path)
        try:
            return reading.signature(notary)
        finally:
            reading.close()
    except (CannotCut, OSError, ValueError):
        return None


def _secret_name(notary: Any) -> str:
    """Tells one secret from another one, and nothing about it."""
    return hmac.new(notary.secret, b"jupyter-crdt-outputs", notary.digestmod).hexdigest()[:16]
