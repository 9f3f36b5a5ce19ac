"""Notebooks as programs and agents read them: what ``GET …/outputs`` answers, as types.

Fields that hold nothing are left out of the JSON, and so are a cell's type ``code`` and an output's index 0. A reader
passes over keys that it does not know.
"""

from .links import Links, fill
from .notebook import MOST_OUTPUTS, CellView, NotebookView, OutputView, PartView, cell_name
from .request import DEFAULT_CHARACTERS, MOST_CHARACTERS, ViewRequest
from .text import cell_line, notebook_line, output_line, part_text, to_text

__all__ = [
    "DEFAULT_CHARACTERS",
    "MOST_CHARACTERS",
    "MOST_OUTPUTS",
    "CellView",
    "Links",
    "NotebookView",
    "OutputView",
    "PartView",
    "ViewRequest",
    "cell_line",
    "cell_name",
    "fill",
    "notebook_line",
    "output_line",
    "part_text",
    "to_text",
]
