"""Notebook files: complete, written as a whole or not at all, and at the cost of what is new in them."""

from .notebook_files import CannotSplice, NotebookFiles, Saved
from .thin import ThinNotebook

__all__ = ["CannotSplice", "NotebookFiles", "Saved", "ThinNotebook"]
