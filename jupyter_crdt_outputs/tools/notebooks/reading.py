"""Notebook files as commands take them in: valid ones, of which it is known whether they change meanwhile."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import converter

from ...errors import CrdtOutputsError
from ...store.durable import identity_of

_TRACE = b"jupyter-crdt-outputs.ref.v1"
"""In every file with a reference; of its MIME type, what no writer of JSON escapes."""

_PIECE_BYTES = 1 << 22


class InvalidNotebook(CrdtOutputsError):
    """A file is no notebook, or one that nbformat finds invalid. Nothing was done to it."""

    http_status = 422
    exit_code = 2


class ChangedMeanwhile(CrdtOutputsError):
    """Somebody else wrote the file while it was read or replaced. Their version stays; try again."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook as it was read.

    Attributes:
        path: of the file, as it was given.
        notebook: of nbformat 4, valid, its texts in one piece.
        identity: of the file; another one when it has changed since.
        size: of the file in bytes.
    """

    path: Path
    notebook: Any
    identity: tuple[int, ...]
    size: int


def read_notebook(path: Path) -> NotebookFile:
    """What nbformat reads from the file, converted to version 4 as it converts.

    Raises:
        InvalidNotebook: nbformat does not read it, or finds it invalid.
        ChangedMeanwhile: it was written while it was read.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        identity = identity_of(os.fstat(file.fileno()))
        data = file.read()
        if identity_of(os.fstat(file.fileno())) != identity:
            raise ChangedMeanwhile(f"{path} was written while it was read")
    size = len(data)
    try:
        content = json.loads(data.decode("utf-8"))
        del data
        if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
            raise InvalidNotebook(f"{path} is not a notebook")
        with warnings.catch_warnings():  # it warns of what it repairs: ids that are missing or not unique
            warnings.simplefilter("ignore")
            notebook = _notebook_4(content)
            nbformat.validate(notebook)
    except InvalidNotebook:
        raise
    except nbformat.ValidationError as error:
        raise invalid(path, error) from error
    except Exception as error:  # whatever somebody has called .ipynb
        raise InvalidNotebook(f"{path} is not a notebook ({type(error).__name__}: {error!s:.200})") from error
    return NotebookFile(path, notebook, identity, size)


def _notebook_4(content: dict[str, Any]) -> Any:
    """As ``nbformat.reads`` makes it of JSON that is parsed."""
    major = content["nbformat"]
    if major not in nbformat.versions:
        raise ValueError(f"nbformat {major} is unknown to this version of the library")
    return converter.convert(nbformat.versions[major].to_notebook_json(content), 4)


def invalid(path: Path, error: Any) -> InvalidNotebook:
    """What nbformat finds wrong with a notebook, in a few words."""
    where = "".join(f"[{step!r}]" for step in error.absolute_path)
    return InvalidNotebook(f"{path} is not a valid notebook: {error.message:.200}, at {where}")


def may_refer(path: Path) -> bool:
    """Whether a reference may be in the file; false for a complete one. Reads it, but not into memory."""
    overlap = len(_TRACE) - 1
    before = b""
    with path.open("rb") as file:  # not mapped: a file that is cut off meanwhile would end this process
        while piece := file.read(_PIECE_BYTES):
            if _TRACE in before + piece:
                return True
            before = piece[-overlap:]
    return False
