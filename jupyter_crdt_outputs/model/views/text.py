"""A view of a notebook for plain reading."""

from __future__ import annotations

from collections.abc import Iterator

from ..plain_text import plain
from .links import fill
from .notebook import CellView, NotebookView, OutputView, PartView, cell_name


def to_text(view: NotebookView) -> str:
    """The view as text: a line that begins with ``##`` for each cell, and one with ``--`` for each output."""
    return "\n".join(_lines(view)) + "\n"


def notebook_line(view: NotebookView) -> str:
    """What a notebook is."""
    about = [view.path, f"{view.cells_in_all} cells", view.kernel, "open" if view.room else None]
    return "# " + " · ".join(plain(each) for each in about if each)


def cell_line(cell: CellView) -> str:
    """What a cell is."""
    count = None if cell.execution_count is None else f"[{cell.execution_count}]"
    about = (f"cell {cell.index}", cell.id, cell.type, count, cell.state)
    return "## " + " · ".join(each for each in about if each)


def output_line(output: OutputView) -> str:
    """What an output is."""
    about = [f"-- {output.index} {output.type}", output.name, output.mime, output.ename, output.evalue]
    if output.live:
        about.append("still being written")
    return " · ".join(" ".join(each.split()) for each in about if each)


def part_text(part: PartView) -> str:
    """What a part is."""
    pixels = f" {part.width}x{part.height}" if part.width else ""
    return f"{part.mime}{pixels}, {part.size:,} bytes"


def _lines(view: NotebookView) -> Iterator[str]:
    yield notebook_line(view)
    for cell in view.cells:
        yield cell_line(cell)
        if cell.source:
            yield cell.source.removesuffix("\n")
        for output in cell.outputs:
            yield from _output(view, cell, output)
        if cell.outputs_left_out:
            yield f"-- … {cell.outputs_left_out:,} outputs left out …"


def _output(view: NotebookView, cell: CellView, output: OutputView) -> Iterator[str]:
    yield output_line(output)
    if output.note:
        yield f"({output.note})"
    if output.text:
        yield output.text.removesuffix("\n")
    if output.stream and output.left_out:
        at = {"cell": cell_name(cell), "output": str(output.index)}
        yield f"[{output.lines or 'many'} lines, {output.size:,} bytes: {fill(view.links.lines, at)}]"
    yield from (f"[{part_text(part)}: {view.url_of(cell, output, part)}]" for part in output.parts)
