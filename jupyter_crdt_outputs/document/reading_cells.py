"""Reading a document's cells at the cost of what changed in them since they were read last."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

from jupyter_ydoc.utils import cast_all
from jupyter_ydoc.ynotebook import YNotebook
from pycrdt import Map

from ..model.snapshot import CellSnapshot, found_out
from .snapshot_memory import SnapshotMemory, characters_in

_AT_ONCE = 8
"""So many cells take about a millisecond, after which others may have the event loop."""


class CellReader:
    """Gives what ``YNotebook.get`` gives, but makes Python objects only of cells that are new or were changed.

    A notebook is given as it is at one moment, and its cells are snapshots: the same object as long as nobody has
    changed the cell in the document, and *memory* has room for them.

    Args:
        notebook: owns this.
        memory: told what is held.
    """

    def __init__(self, notebook: YNotebook, memory: SnapshotMemory) -> None:
        self._notebook = weakref.proxy(notebook)
        self._memory = memory
        self._cells: list[CellSnapshot | None] = []
        self._format: tuple[Any, Any] | None = None
        # Held by the document, through which no garbage collector sees: it must not hold the document in turn.
        followed = weakref.ref(self)

        def changed(events: list[Any]) -> None:
            reader = followed()
            if reader is not None:
                reader._note(events)

        notebook.ycells.observe_deep(changed)

    async def read(self) -> dict[str, Any] | None:
        """The notebook; None where upstream would have to repair it, since two cells have one id."""
        self._prepare()
        for _ in range(len(self._cells) // _AT_ONCE):
            if len(self._missing()) <= _AT_ONCE:
                break
            self._convert(_AT_ONCE)
            await asyncio.sleep(0)
            self._prepare()
        self._convert(len(self._cells))  # which are a few, unless somebody changes all of them all the time
        meta = self._meta()
        cells = [cell for cell in self._cells if cell is not None]
        ids = [cell["id"] for cell in cells if cell.get("id")]
        self._memory.used(self, sum(found_out(cell, characters_in, characters_in) for cell in cells))
        if len(ids) != len(set(ids)):
            return None
        return {
            "cells": cells,
            "metadata": meta.get("metadata", {}),
            "nbformat": int(meta.get("nbformat", 0)),
            "nbformat_minor": int(meta.get("nbformat_minor", 0)),
        }

    def forget(self) -> None:
        """Hold no snapshots any more: the next notebook is read as the first one was."""
        self._cells = [None] * len(self._cells)

    def _prepare(self) -> None:
        """Forget all if what is known cannot be of this document."""
        meta = self._meta()
        form = meta.get("nbformat"), meta.get("nbformat_minor")  # which say what upstream leaves out of a cell
        if form != self._format or len(self._cells) != len(self._notebook.ycells):
            self._format = form
            self._cells = [None] * len(self._notebook.ycells)

    def _missing(self) -> list[int]:
        return [number for number, cell in enumerate(self._cells) if cell is None]

    def _convert(self, most: int) -> None:
        for number in self._missing()[:most]:
            self._cells[number] = CellSnapshot(self._notebook.get_cell(number))

    def _meta(self) -> dict[str, Any]:
        meta: dict[str, Any] = self._notebook.ydoc.get("meta", type=Map).to_py() or {}
        cast_all(meta, float, int)
        return meta

    def _note(self, events: list[Any]) -> None:
        """Forget what was changed. Paths are as they are after all that these events tell of."""
        changed: list[int] = []
        for event in events:
            if event.path:
                changed.append(int(event.path[0]))
            else:
                self._move(event.delta)
        for number in changed:
            if number < len(self._cells):
                self._cells[number] = None

    def _move(self, delta: list[dict[str, Any]]) -> None:
        cells: list[CellSnapshot | None] = []
        at = 0
        for change in delta:
            if "retain" in change:
                cells += self._cells[at : at + change["retain"]]
                at += change["retain"]
            elif "delete" in change:
                at += change["delete"]
            else:
                cells += [None] * len(change["insert"])
        self._cells = cells + self._cells[at:]
