"""Keeping a notebook trusted whose file is written anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from nbformat.sign import NotebookNotary

from ...files.pieces import OutputPiece
from ...files.signing import signature_of, signed_cell, signed_notebook
from ..configuration import Configuration

_DATABASE = "nbsignatures.db"

Output = Mapping[str, Any]


class Trust:
    """This user's, as the server has it: signatures of what is in the files."""

    def __init__(self) -> None:
        config = Configuration().values
        is_usual = "NotebookNotary" not in config
        # A notary makes the database and the secret of a user who has none, and who so far trusts nothing.
        is_there = not is_usual or Path(jupyter_data_dir(), _DATABASE).exists()
        self._notary = NotebookNotary(config=config) if is_there else None

    def __enter__(self) -> Trust:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._notary is not None:
            self._notary.close()

    def has(self, notebook: Any) -> bool:
        """Whether a notebook is trusted, as it is in its file."""
        return self._notary is not None and bool(self._notary.check_signature(notebook))

    def has_signature(self, signature: Callable[[Any], str | None]) -> bool:
        """Whether the notebook is trusted of which this gives the signature, for a notary."""
        if self._notary is None:
            return False
        text = signature(self._notary)
        return text is not None and bool(self._notary.store.check_signature(text, self._notary.algorithm))

    def sign(self, notebook: Mapping[str, Any], restore: Callable[[Output], Output] = lambda output: output) -> None:
        """Trust a notebook from now on, instead of another that was trusted.

        Args:
            notebook: as nbformat reads it.
            restore: gives what is in the file for an output, one at a time.
        """
        assert self._notary is not None
        cells = (
            signed_cell(cell, [OutputPiece("", output) for output in cell.get("outputs", ())])
            for cell in notebook["cells"]
        )
        signature = signature_of(self._notary, signed_notebook(notebook, cells), restore)
        self._notary.store.store_signature(signature, self._notary.algorithm)
