"""Keeping a notebook trusted whose file is written anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbformat.sign import NotebookNotary

from ..files.signing import signature_of
from .configuration import Configuration

Output = Mapping[str, Any]


class Trust:
    """This user's, as the server has it: signatures of what is in the files."""

    def __init__(self) -> None:
        self._notary = NotebookNotary(config=Configuration().values)

    def __enter__(self) -> Trust:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._notary.close()

    def has(self, notebook: Any) -> bool:
        """Whether a notebook is trusted, as it is in its file."""
        # Asking the notary would make the database, and the secret, of a user who has none.
        return Path(self._notary.db_file).exists() and bool(self._notary.check_signature(notebook))

    def sign(self, notebook: Mapping[str, Any], restore: Callable[[Output], Output] = lambda output: output) -> None:
        """Trust a notebook from now on.

        Args:
            notebook: as nbformat reads it.
            restore: gives what is in the file for an output, one at a time.
        """
        signature = signature_of(self._notary, notebook, restore)
        self._notary.store.store_signature(signature, self._notary.algorithm)
