"""Notebooks as people make them: what a test of anything that reads or writes notebook files should be tried on."""

from .collection import NotebookFile, chosen, collection

__all__ = ["NotebookFile", "chosen", "collection"]
