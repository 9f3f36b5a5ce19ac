"""A notebook as its file is to have it, before the originals are put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.reference import reference_in
from ..store.archive import Archive
from .pieces import key_of

_KEPT = "kept "


class FileForm:
    """What becomes of each output when a notebook is saved.

    Args:
        archive: of the notebook.
        notebook: in the document's form; it is not changed.
        file_max_bytes: an output with a larger part stays a reference; None for none.

    Attributes:
        notebook: a copy whose cells' metadata may be changed, with the references that stay as the file has them.
        lost: why a reference must not be written, since the file may have the only original; empty for most.
    """

    def __init__(self, archive: Archive, notebook: Mapping[str, Any], file_max_bytes: int | None) -> None:
        self.lost = ""
        self._archive = archive
        self._file_max_bytes = file_max_bytes
        self._keys: dict[int, str] = {}  # by the identity of outputs of the notebook, which live as long as this
        self.notebook = {**notebook, "cells": [self._cell(cell) for cell in notebook["cells"]]}

    def is_separate(self, output: Mapping[str, Any]) -> bool:
        """Whether an output of :attr:`notebook` is a piece of the file of its own: all with references are."""
        return id(output) in self._keys

    def restores(self, output: Mapping[str, Any]) -> bool:
        """Whether the file has another one in the place of an output of :attr:`notebook`."""
        return self.is_separate(output) and not self.key(output).startswith(_KEPT)

    def key(self, output: Mapping[str, Any]) -> str:
        """Of a separate output. Equal for outputs of which the file has the same text."""
        return self._keys[id(output)]

    def _cell(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        cell = {**cell, "metadata": dict(cell["metadata"])}
        if cell.get("outputs"):
            cell["outputs"] = [self._output(output) for output in cell["outputs"]]
        return cell

    def _output(self, output: Any) -> Any:
        reference = reference_in(output) if isinstance(output, Mapping) else None
        if reference is None:
            return output
        if not self._archive.policy.leaves_file(reference, self._file_max_bytes):
            self._keys[id(output)] = key_of(output)
            return output
        self.lost = self.lost or self._archive.lost(output)
        kept = self._archive.referring(output)
        self._keys[id(kept)] = _KEPT + key_of(kept)
        return kept
