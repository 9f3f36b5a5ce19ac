"""``outputs``: what the cells of a notebook have put out, as text."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...client import CellView, OutputView, PartView
from ...errors import CrdtOutputsError
from ...model.digest import Digest
from ...model.views import cell_line, output_line, part_text
from ..output import print_json
from ..running.place import client_of
from ..running.sinks import Sink, sink
from ..running.texts import ENDINGS
from .outputs_of import opened
from .viewed import OfFile, OnServer, Viewed


def outputs(options: argparse.Namespace) -> int:
    """Print all outputs of a notebook: as people see them on a server, or as its file has them."""
    with _viewed(options) as viewed:
        for cell in viewed.cells():
            if cell.outputs and options.json:
                whole = tuple(_whole(viewed, cell, output) for output in cell.outputs)
                print_json({"cell": cell.id, **dataclasses.replace(cell, outputs=whole).to_json()})
            elif cell.outputs:
                _show(viewed, cell, sink(sys.stdout), options.images)
    return 0


@contextmanager
def _viewed(options: argparse.Namespace) -> Iterator[Viewed]:
    if options.server:
        with client_of(options) as client:
            yield OnServer(client, options.notebook)
        return
    with opened(Path(options.notebook)) as notebook:
        yield OfFile(notebook, options)


def _whole(viewed: Viewed, cell: CellView, output: OutputView) -> OutputView:
    if not output.left_out:
        return output
    return dataclasses.replace(output, text="".join(viewed.whole(cell, output)), left_out=0)


def _show(viewed: Viewed, cell: CellView, out: Sink, images: Path | None) -> None:
    out.show(cell_line(cell) + "\n")
    for output in cell.outputs:
        out.show(output_line(output) + "\n")
        if output.note:
            out.show(f"({output.note})\n")
        text = ""
        for text in viewed.whole(cell, output) if output.left_out else (output.text or "",):
            out.show(text)
        if text and not text.endswith("\n"):
            out.show("\n")
        for part in output.parts:
            where = _file(viewed, cell, output, part, images) or viewed.address(cell, output, part)
            out.show(f"[{part_text(part)}]{' ' if where else ''}{where}\n")
    if cell.outputs_left_out:
        out.show(f"-- … {cell.outputs_left_out:,} outputs left out …\n")


def _file(viewed: Viewed, cell: CellView, output: OutputView, part: PartView, folder: Path | None) -> str:
    """Where a picture was written to; what is wrong with it, if it cannot be had."""
    if folder is None or part.mime not in ENDINGS:
        return ""
    try:
        content = viewed.bytes_of(cell, output, part)
    except CrdtOutputsError as error:
        return str(error)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (Digest.of(content).hex[:16] + ENDINGS[part.mime])
    file.write_bytes(content)
    return str(file)
