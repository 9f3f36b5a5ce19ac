"""Remembering what notebook files are, when they were read or saved, for whoever opens them again."""

from __future__ import annotations

import asyncio
import copy
import hmac
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..files import FileLimits, KnownNotebook, KnownNotebooks, NotebookFiles, Saved
from ..files.file_form import FileForm
from ..files.recognising import is_file_of
from ..store import durable
from ..store.archive import Archive
from .opened import OpenedNotebook

SMALL_BYTES = 1 << 20
"""A file of this size is read as a whole as fast as in steps."""

_REST_S = 3.0
"""A file is noted once it has rested, since one that was just written could be written again unnoticed."""


class FileMemory:
    """Notes what is known of files, in threads, for the next server; and for this one's saves, at once.

    Args:
        known: keeps it.
        files: is told of it, so that saves can take the outputs from the file.
        archive: of the documents.
        limits: how large what is in a file itself may be.
        log: for administrators.
    """

    def __init__(
        self,
        known: KnownNotebooks,
        files: NotebookFiles,
        archive: Archive,
        limits: FileLimits,
        log: logging.Logger,
    ) -> None:
        self._known = known
        self._files = files
        self._archive = archive
        self._limits = limits
        self._log = log
        self._due: dict[Path, tuple[asyncio.TimerHandle, Callable[[], None]]] = {}

    def find(self, os_path: Path, hash_algorithm: str) -> tuple[KnownNotebook, os.stat_result] | None:
        """What is known of the file that is there now, and its state; None when that is nothing. Blocks."""
        return self._known.find(os_path, hash_algorithm)

    def saved(self, manager: Any, os_path: Path, notebook: Mapping[str, Any], saved: Saved) -> None:
        """A notebook, in the document's form, was saved. Nobody changes it any more. Called on the event loop."""
        if saved.size >= SMALL_BYTES:
            self._later(os_path, partial(self._note_saved, secret_name(manager.notary), os_path, notebook, saved))

    def read(
        self,
        manager: Any,
        path: str,
        os_path: Path,
        opened: OpenedNotebook,
        spans: Mapping[str, tuple[int, int]],
        signature: str | None,
    ) -> None:
        """All of a notebook was read from its file. Blocks.

        Args:
            manager: the contents manager.
            path: of the notebook, as users see it.
            os_path: of its file.
            opened: the notebook.
            spans: where outputs are that the file has as a save would write them.
            signature: of the notebook.
        """
        reading = opened.reading
        assert reading is not None
        notebook = _unmarked(opened)
        hash_ = reading.hash(manager.hash_algorithm)
        limit = self._limits.of(path, notebook["metadata"])
        try:
            form = FileForm(self._archive, notebook, limit)
            plan = form.plan if is_file_of(os_path, form.pieces, spans) else ""
        except Exception:  # of what nbformat cannot write; then nothing is known of the file's text
            plan = ""
        known = KnownNotebook(
            notebook, hash_, manager.hash_algorithm, signature, secret_name(manager.notary), plan, dict(spans)
        )
        self._known.remember(os_path, reading.stat, known)
        trusted = any(cell["metadata"].get("trusted") for cell in opened["cells"] if cell["cell_type"] == "code")
        self.recall(os_path, reading.stat, known, signature if trusted else None)

    def recall(self, os_path: Path, found: os.stat_result, known: KnownNotebook, signature: str | None) -> None:
        """The file is this one: saves begin with it. *signature* is None unless the notebook is trusted."""
        stat = durable.identity_of(found)
        self._files.recall(os_path, Saved(stat, known.hash, known.hash_algorithm, signature, known.plan, known.spans))

    def note(self, os_path: Path, found: os.stat_result, known: KnownNotebook) -> None:
        """The file of this state is this one. Blocks."""
        self._known.remember(os_path, found, replace(known, notebook=_unmarked(known.notebook)))

    async def stop(self) -> None:
        """Note what is due."""
        due, self._due = list(self._due.values()), {}
        for timer, note in due:
            timer.cancel()
            await asyncio.to_thread(note)

    def _note_saved(self, signed_by: str, os_path: Path, notebook: Mapping[str, Any], saved: Saved) -> None:
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

    def _later(self, os_path: Path, note: Callable[[], None]) -> None:
        before = self._due.pop(os_path, None)
        if before is not None:
            before[0].cancel()
        self._due[os_path] = asyncio.get_running_loop().call_later(_REST_S, self._now, os_path), note

    def _now(self, os_path: Path) -> None:
        _timer, note = self._due.pop(os_path)
        asyncio.get_running_loop().run_in_executor(None, note)


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


def secret_name(notary: Any) -> str:
    """Tells one secret from another one, and nothing about it."""
    return hmac.new(notary.secret, b"jupyter-crdt-outputs", notary.digestmod).hexdigest()[:16]
