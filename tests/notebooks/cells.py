"""Cells and whole notebooks around outputs."""

from __future__ import annotations

from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.11.4", "codemirror_mode": {"name": "ipython", "version": 3}},
}


def code(*outputs: Any, source: Any = "run()", **more: Any) -> Cell:
    """A code cell."""
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
        **more,
    }


def markdown(source: Any = "# Title\n\nText", **more: Any) -> Cell:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def raw(source: Any = "raw", **more: Any) -> Cell:
    """A raw cell."""
    return {"cell_type": "raw", "metadata": {}, "source": source, **more}


def notebook(*cells: Any, minor: int = 5, numbered: bool = True, **more: Any) -> Notebook:
    """A notebook of these cells, which get ids where the format has them."""
    if minor >= 5 and numbered:
        cells = tuple(
            {**cell, "id": f"cell-{index}"} if isinstance(cell, dict) and "id" not in cell else cell
            for index, cell in enumerate(cells)
        )
    return {"cells": list(cells), "metadata": METADATA, "nbformat": 4, "nbformat_minor": minor, **more}


def old(version: int, outputs: list[Any]) -> Notebook:
    """A notebook of format 2 or 3."""
    cells = [
        {"cell_type": "code", "collapsed": False, "input": "plot()", "language": "python", "outputs": outputs}
        | ({"metadata": {}, "prompt_number": 3} if version == 3 else {"prompt_number": 3}),
        {"cell_type": "markdown", "source": ["# Title\n", "text"]} | ({"metadata": {}} if version == 3 else {}),
        *([{"cell_type": "heading", "level": 2, "metadata": {}, "source": "A heading"}] if version == 3 else []),
        *([{"cell_type": "raw", "metadata": {}, "source": "raw"}] if version == 3 else []),
    ]
    metadata = {"name": "an old one"}
    return {
        "metadata": metadata,
        "nbformat": version,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
