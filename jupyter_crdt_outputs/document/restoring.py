"""The notebook of a document as it belongs in its file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..files import FileLimits, ThinNotebook
from ..store.archive import Archive
from ..streams.logs import Logs
from .rooms import Room


class Restoring:
    """Puts back into notebooks what their documents only refer to, but for what their files are to refer to as well.

    Args:
        archive: has the originals.
        limits: how large what is in a file itself may be.
        logs: have the text of streams that are still being written.
        refers: called with each notebook, as it is in its document.
        report: called with a notebook's path and, in words, what of it could not be restored.
    """

    def __init__(
        self,
        archive: Archive,
        limits: FileLimits,
        logs: Logs,
        refers: Callable[[Mapping[str, Any]], None],
        report: Callable[[str, list[str]], None],
    ) -> None:
        self._archive = archive
        self._limits = limits
        self._logs = logs
        self._refers = refers
        self._report = report

    def at_once(self, path: str, notebook: dict[str, Any]) -> dict[str, Any]:
        """The notebook at *path* for its file. Blocks on the store. Raises StoreUnavailable."""
        return self._reported(path, *self._restored(notebook, self._limit(path, notebook)))

    async def thin(self, path: str, notebook: dict[str, Any], room: Room | None) -> dict[str, Any]:
        """The same in the form of :class:`ThinNotebook`, unless the log of a stream is lost."""
        readable, problems = await asyncio.to_thread(self._readable, notebook)
        if problems:
            return await self.complete(path, notebook, room)
        complete = partial(self.complete, path, notebook, room)
        return ThinNotebook(readable, complete, self._limit(path, notebook))

    async def complete(self, path: str, notebook: dict[str, Any], room: Room | None) -> dict[str, Any]:
        """The same; what the store has lost is first looked for in the file of the *room*, before that is written over.

        Raises:
            StoreUnavailable: rather than leave outputs out.
        """
        limit = self._limit(path, notebook)
        restored, problems = await asyncio.to_thread(self._restored, notebook, limit)
        if problems and room is not None:
            file = await room.file_content()
            await asyncio.to_thread(self._archive.offload_notebook, file)
            restored, problems = await asyncio.to_thread(self._restored, notebook, limit)
        return self._reported(path, restored, problems)

    def _limit(self, path: str, notebook: Mapping[str, Any]) -> int | None:
        """The largest part of an output that is in this notebook's file itself; None for all."""
        return self._limits.of(path, notebook.get("metadata", {}))

    def _restored(self, notebook: dict[str, Any], limit: int | None) -> tuple[dict[str, Any], list[str]]:
        readable, problems = self._readable(notebook)
        restored, missing = self._archive.restore_notebook(readable, limit)
        return restored, [*problems, *missing]

    def _readable(self, notebook: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        self._refers(notebook)
        problems: list[str] = []
        return self._logs.readable(notebook, problems), problems

    def _reported(self, path: str, notebook: dict[str, Any], problems: list[str]) -> dict[str, Any]:
        if problems:
            self._report(path, problems)
        return notebook
