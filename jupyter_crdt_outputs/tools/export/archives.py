"""A notebook as a zip: the notebook or a page, and beside it its figures and data as files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from ...errors import CrdtOutputsError
from ...files.completing import Completing
from ...files.lacks import Incomplete, Lack, Where
from ...files.output_text import Artifacts
from ..notebooks.reading import InvalidNotebook, read_notebook
from ..notebooks.whole_file import whole_file
from ..progress import Advance, progress
from .exported import Exported
from .extracts import Extract, Extracts
from .pages import SUFFIXES, Page, with_attachments
from .placeholder import placeholder

_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest there is: the time of the export is no part of what is exported."""

_MODE = 0o100644 << 16
_COMPRESSED = ("image/", "audio/", "video/", "application/pdf", "application/zip")
"""Types that deflating makes no smaller, with few exceptions."""

_NOT_COMPRESSED = ("image/svg+xml", "image/bmp")
_ZIP64_BYTES = 1 << 30

Placed = list[tuple[Where, Extract]]


def export_archive(source: Path, target: Path, originals: Artifacts, to: str, *, allow_missing: bool) -> Exported:
    """Write the zip. Equal notebooks give equal zips, and references and originals make no difference.

    Args:
        source: the notebook.
        target: the zip; replaced.
        originals: has what references stand for.
        to: ``notebook``, ``markdown`` or ``html``.
        allow_missing: whether a placeholder may be in the place of what is lost.

    Raises:
        Incomplete, InvalidNotebook, CannotWrite, OSError: what was at *target* is still there.
    """
    notebook = read_notebook(source).notebook
    completing = Completing(notebook, originals)
    lacks = completing.lacks(proven=allow_missing)
    if lacks and not allow_missing:
        raise Incomplete(lacks)
    completing.give_up(lacks, placeholder)
    page = Page(to) if to in SUFFIXES else None
    stem = _stem(source.stem)
    try:
        extracts, paged = _taken_apart(completing.notebook, originals, page)
        with progress(source.name, None) as advance, whole_file(target) as out:
            # Written with seeking, which makes it one that every program reads.
            with os.fdopen(os.dup(out.fileno()), "wb") as file, ZipFile(file, "w") as archive:
                if page is not None:
                    text = page.write(paged, stem)
                    _add(archive, f"{stem}{SUFFIXES[to]}", "text/plain", len(text), [text], advance)
                else:
                    at_most = 3 * completing.size() + 2 * source.stat().st_size
                    _add(archive, f"{stem}.ipynb", "text/plain", at_most, completing.pieces(), advance)
                for where, extract in extracts:
                    _add(archive, extract.name, extract.mime, extract.size, _told(where, extract), advance)
            size = os.fstat(out.fileno()).st_size
    except Incomplete as error:
        raise Incomplete(completing.lacks(proven=True) or error.lacks) from error
    except UnicodeEncodeError as error:
        raise InvalidNotebook(f"{source} has half a character, which no file can hold") from error
    return Exported(source, target, size, lacks)


def _taken_apart(notebook: Mapping[str, Any], originals: Artifacts, page: Page | None) -> tuple[Placed, dict[str, Any]]:
    """All files of the notebook, with their places, and the notebook that refers to them, for *page*."""
    extracts, files, cells = Extracts(originals, len(notebook["cells"])), [], []
    for number, cell in enumerate(notebook["cells"], 1):
        id_ = str(cell.get("id", ""))
        outputs: list[dict[str, Any]] = []
        for at, output in enumerate(cell.get("outputs") or (), 1):
            where = Where(number, id_, at)
            with _telling(where):
                shown = extracts.shown(output, number, at)
            files += [(where, file) for file in shown.files.values()]
            if page is not None:
                outputs += page.outputs(shown)
        names = []
        for at, (name, bundle) in enumerate(sorted(cell.get("attachments", {}).items()), 1):
            for mime, value in sorted(bundle.items())[:1]:
                file = extracts.attachment(mime, value, number, at)
                files.append((Where(number, id_, 0), file))
                names.append((name, file.name))
        cells.append({**with_attachments(cell, names), **({"outputs": outputs} if "outputs" in cell else {})})
    return files, {**notebook, "cells": cells}


def _add(archive: ZipFile, name: str, mime: str, size: int, pieces: Iterable[bytes], advance: Advance) -> None:
    """One member. *size* in bytes is at least what it will have."""
    info = ZipInfo(name, _TIME)
    info.create_system, info.external_attr = 3, _MODE
    is_compressed = mime.startswith(_COMPRESSED) and mime not in _NOT_COMPRESSED
    info.compress_type = ZIP_STORED if is_compressed else ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=size > _ZIP64_BYTES) as member:
        for piece in pieces:
            member.write(piece)
            advance(len(piece))


def _told(where: Where, extract: Extract) -> Iterator[bytes]:
    with _telling(where):
        yield from extract.read()


@contextmanager
def _telling(where: Where) -> Iterator[None]:
    try:
        yield
    except CrdtOutputsError as error:
        raise Incomplete([Lack(where, error)]) from error


def _stem(name: str) -> str:
    """A notebook's name as a member's: what some system takes for a path is not in it."""
    return re.sub(r'[\x00-\x1f\\/:*?"<>|]', "_", name).strip(". ") or "notebook"
