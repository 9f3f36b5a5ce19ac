"""Cells and outputs as text for a model to read: short, and with what it needs to name them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..client import CellSource, CellSources, CellView, NotebookView, OutputView, PartView, TextLines
from ..errors import InvalidRequest, SourceChanged
from ..model.views import cell_line, notebook_line, output_line, part_text

VERSION_DIGITS = 12
_LEAST_DIGITS = 8
_MOST_CHARACTERS = 60_000
"""Of one answer."""


def of_cells(found: CellSources, max_chars: int) -> str:
    """Cells with their sources, as many as fit."""
    is_open = "open, people may be editing it" if found.room else "not open anywhere"
    return _fitting(f"# {found.path} · {found.cells_in_all} cells · {is_open}", _cells(found, max_chars))


def of_cell(cell: CellSource) -> str:
    """What a cell is called."""
    tags = f"tags {', '.join(cell.tags)}" if cell.tags else ""
    state = cell.execution_state if cell.execution_state != "idle" else ""
    count = "" if cell.execution_count is None else f"[{cell.execution_count}]"
    locked = [word for word, may in (("not editable", cell.editable), ("not deletable", cell.deletable)) if not may]
    about = [f"## cell {cell.index}", f"id {cell.id}", cell.type, count, state, tags, *locked]
    return " · ".join(each for each in [*about, f"version {version_of(cell)}"] if each)


def version_of(cell: CellSource) -> str:
    """What stands for a cell's source, short enough for a model to repeat."""
    return cell.sha256[:VERSION_DIGITS]


def check_version(cell: CellSource, version: str) -> None:
    """See that a cell is as a model saw it. Raises :class:`SourceChanged` and InvalidRequest."""
    if len(version) < _LEAST_DIGITS:
        raise InvalidRequest("version is what read_cells tells of the cell, such as 1f3a5b7c9d0e")
    if not cell.sha256.startswith(version.lower()):
        raise SourceChanged(f"nothing was changed: cell {cell.id} has another source now; read it again")


def of_outputs(view: NotebookView) -> str:
    """Cells with what they put out, as much as fits."""
    return _fitting(notebook_line(view), map(of_cell_outputs, view.cells))


def of_cell_outputs(cell: CellView) -> str:
    """One cell with what it put out."""
    lines = [cell_line(cell)]
    if cell.source:
        lines.append(cell.source.removesuffix("\n"))
    for output in cell.outputs:
        lines += _output(output)
    if cell.outputs_left_out:
        lines.append(f"-- … {cell.outputs_left_out:,} outputs left out …")
    return "\n".join(lines)


def of_lines(found: TextLines) -> str:
    """Numbered lines."""
    last = found.first + len(found.lines)
    more = ", still being written" if found.is_live else ""
    head = f"# lines {found.first} to {last - 1} of {found.total:,} ({found.size:,} bytes{more}), counted from 0"
    return _fitting(head, (f"{number}: {line}" for number, line in enumerate(found.lines, found.first)))


def pictures_in(output: OutputView) -> list[PartView]:
    """The pictures that an output has."""
    return [part for part in output.parts if part.mime.startswith("image/")]


def _cells(found: CellSources, max_chars: int) -> Iterator[str]:
    for cell in found.cells:
        text = cell.source
        if len(text) > max_chars:
            text = f"{text[:max_chars]}\n… {len(text) - max_chars:,} more characters: give a larger max_chars …"
        yield f"{of_cell(cell)}\n{text}"


def _output(output: OutputView) -> Iterator[str]:
    yield output_line(output)
    if output.note:
        yield f"({output.note})"
    if output.text:
        yield output.text.removesuffix("\n")
    if output.left_out:
        lines = f"{output.lines:,} lines, " if output.lines else ""
        yield f"[{lines}{output.left_out:,} bytes left out: read_lines and search_output show them]"
    for part in output.parts:
        if part.mime == "text/plain":  # the text above, as a file
            continue
        how = ": look_at_image shows it" if part.mime.startswith("image/") else ""
        yield f"[{part_text(part)}{how}]"


def _fitting(head: str, pieces: Sequence[str] | Iterator[str]) -> str:
    """As many pieces as fit, and a word on those that do not."""
    taken, size, left = [head], len(head), 0
    for piece in pieces:
        if left or (size + len(piece) > _MOST_CHARACTERS and len(taken) > 1):
            left += 1
            continue
        taken.append(piece[:_MOST_CHARACTERS])
        size += len(piece)
    if left:
        taken.append(f"… {left:,} more are left out here: ask for fewer at a time …")
    return "\n".join(taken)
