"""Notebook files: complete unless asked otherwise, whole at any moment, and saved at the cost of what is new."""

from .limits import FileLimits, notebook_limit
from .notebook_files import CannotSplice, NotebookFiles, Saved
from .thin import ThinNotebook

__all__ = ["CannotSplice", "FileLimits", "NotebookFiles", "Saved", "ThinNotebook", "notebook_limit"]
