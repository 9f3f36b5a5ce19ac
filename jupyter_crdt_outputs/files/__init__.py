"""Notebook files: complete unless asked otherwise, whole at any moment, and saved at the cost of what is new."""

from .cutting import CannotCut
from .file_form import CannotSplice
from .known import KnownNotebook, KnownNotebooks
from .limits import FileLimits, notebook_limit
from .notebook_files import NotebookFiles
from .reading import FileChanged, NotebookReading
from .saved import Saved
from .thin import ThinNotebook

__all__ = [
    "CannotCut",
    "CannotSplice",
    "FileChanged",
    "FileLimits",
    "KnownNotebook",
    "KnownNotebooks",
    "NotebookFiles",
    "NotebookReading",
    "Saved",
    "ThinNotebook",
    "notebook_limit",
]
