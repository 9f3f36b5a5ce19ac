"""All logs of a server."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import LogMissing
from ..model.reference import LogReference, is_log_id, reference_in
from ..model.snapshot import found_out
from ..store import ArtifactStore, durable
from .log import Log
from .log_files import read_log

_KEPT_S = 7 * 24 * 3600
"""A document that a crash left with the id of a log is completed when it is opened within this time."""

_SAVED_BYTES = 1 << 22
"""A notebook saved while a cell prints has all of it up to this size, and beyond it the beginning: saving again and
again what grows to gigabytes would take more time than the cell. The save at the cell's end has it all."""


class Logs:
    """Begins logs and finds them again, also those of a server before this one.

    Args:
        folder: for the files; private to this user.
        store: where segments go.
    """

    def __init__(self, folder: Path, store: ArtifactStore) -> None:
        self._folder = folder
        self._store = store
        self._logs: dict[str, Log] = {}

    def begin(self, name: str, final: str, line: str) -> Log:
        """A new log of the stream *name* with a first text. Blocks on the local disk. Raises OSError."""
        if not self._logs:
            self.forget_old()
        log_id = secrets.token_hex(16)
        folder = self._folder / log_id
        durable.make_folder(self._folder)
        folder.mkdir(durable.FOLDER_MODE)
        log = Log(log_id, name, self._store, folder)
        log.begin()
        log.append(final, line)
        self._logs[log_id] = log
        return log

    def find(self, log_id: str) -> Log:
        """The log of this id. Blocks on the local disk when an earlier server wrote it.

        Raises:
            LogMissing: also for what is no id at all.
        """
        if not is_log_id(log_id):
            raise LogMissing("not the id of a log")
        log = self._logs.get(log_id)
        if log is None:
            folder = self._folder / log_id
            name, segments, rest = read_log(folder)
            log = self._logs.setdefault(log_id, Log(log_id, name, self._store, folder, segments, rest))
        return log

    def under_way(self, log_id: str) -> Log | None:
        """The log of this id if this server began it; never blocks."""
        return self._logs.get(log_id)

    def forget_old(self) -> None:
        """Remove the files of logs that no document can still need. Blocks on the local disk."""
        oldest = time.time() - _KEPT_S
        with suppress(FileNotFoundError):
            for folder in self._folder.iterdir():
                rest = folder / "rest"
                if folder.name not in self._logs and (rest if rest.exists() else folder).stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)

    def finished(self, output: dict[str, Any]) -> dict[str, Any]:
        """What stands for an output now: another one if it refers to a log that is closed. Blocks on the store.

        Raises:
            StoreFull, StoreUnavailable: try again later.
        """
        try:
            log = self._log_of(output)
        except LogMissing:
            return output
        return output if log is None or log.is_live else log.finish()

    def readable(self, notebook: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
        """A copy of a notebook with the texts of logs in place of their references. Blocks on the store.

        Args:
            notebook: as it is in the document.
            problems: what cannot be had is added, in words.
        """
        return {**notebook, "cells": [self._readable_cell(cell, problems) for cell in notebook.get("cells", [])]}

    def text_of(self, log_id: str, max_bytes: int) -> str | None:
        """All that was printed so far; None if that is more than *max_bytes*. Blocks on the store.

        Raises:
            LogMissing: also for what is no id at all.
        """
        view = self.find(log_id).view()
        return None if view.size > max_bytes else view.read(0, view.size).decode("utf-8")

    def _readable_cell(self, cell: Any, problems: list[str]) -> Any:
        if not found_out(cell, _has_log, _has_log):
            return cell
        return {**cell, "outputs": [self._readable_output(output, problems) for output in cell["outputs"]]}

    def _readable_output(self, output: dict[str, Any], problems: list[str]) -> dict[str, Any]:
        try:
            log = self._log_of(output)
        except LogMissing as error:
            problems.append(str(error))
            return output
        if log is None:
            return output
        view = log.view()
        if view.size > _SAVED_BYTES and log.is_live:
            return output
        return {"output_type": "stream", "name": log.name, "text": view.read(0, view.size).decode("utf-8")}

    def _log_of(self, output: Any) -> Log | None:
        log_id = _log_id_in(output)
        return None if log_id is None else self.find(log_id)


def _has_log(cell: Any) -> bool:
    outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
    return isinstance(outputs, list) and any(_log_id_in(output) for output in outputs)


def _log_id_in(output: Any) -> str | None:
    reference = reference_in(output) if isinstance(output, Mapping) else None
    return reference.log if isinstance(reference, LogReference) else None
