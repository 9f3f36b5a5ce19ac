"""``export``: complete copies of notebooks, for whoever has neither the store nor this package."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from ...files.completing import Completing
from ...files.lacks import Incomplete
from ...files.output_text import Artifacts
from ...store.durable import identity_of
from ..notebooks.batch import Batch, each_of
from ..notebooks.folders import Folder, folder_at, is_within, tell_left_alone
from ..notebooks.memory import keep_freed_memory
from ..notebooks.reading import ChangedMeanwhile, InvalidNotebook, may_refer, read_notebook
from ..notebooks.whole_file import whole_file
from ..output import count_text, print_json, size_text, warn
from ..place import place_of
from ..progress import progress
from ..refused import Refused
from .exported import Exported
from .placeholder import placeholder

_AS_IT_IS_BYTES = 1 << 25
_PIECE_BYTES = 1 << 22
_BEGINNING = b'{\n "cells": ['
_END = re.compile(rb'\n "nbformat": 4,\n "nbformat_minor": \d+\n\}\n\Z')


def export(options: argparse.Namespace) -> int:
    """Write complete copies. A copy is there whole or not at all, and memory does not grow with it."""
    source, target = options.source, options.output
    _check(source, target, options)
    originals = place_of(options).originals()
    keep_freed_memory()
    folder = folder_at(source) if source.is_dir() else Folder([source])
    suffix = ".ipynb" if options.to == "notebook" else ".zip"

    def work(path: Path) -> Exported:
        if not source.is_dir():
            return _export(path, target, originals, options)
        at = (target / path.relative_to(source)).with_suffix(suffix)
        _make_folder(at.parent, target)
        return _export(path, at, originals, options)

    batch = each_of(folder.notebooks, work, "exported", folder.unreadable)
    _tell(batch, folder, options)
    return batch.exit_code


def _check(source: Path, target: Path, options: argparse.Namespace) -> None:
    if not source.exists():
        raise Refused(f"there is no notebook or folder {source}")
    if source.is_dir():
        if target.exists() and not target.is_dir():
            raise Refused(f"{target} is no folder: {source} is one, so give a folder for its copies")
        if is_within(target, source):
            raise Refused(f"{target} is in {source}: give another folder, or its copies would be exported next time")
        return
    if target.is_dir():
        raise Refused(f"{target} is a folder: give the name of the file too, as in {target / source.name}")
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {target.parent}: make it first")
    is_zip = target.suffix.lower() == ".zip"
    if options.to != "notebook" and not is_zip:
        raise Refused(f"{options.to} comes with its figures in one archive: give --output {target.stem}.zip")
    if target.exists() and is_within(target, source):
        raise Refused(f"{target} is the notebook itself: `restore {source}` makes it complete where it is")


def _make_folder(folder: Path, below: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not is_within(folder, below):
        raise Refused(f"{folder} leads out of {below} by a link: remove it, or give another folder")


def _export(source: Path, target: Path, originals: Artifacts, options: argparse.Namespace) -> Exported:
    if os.path.lexists(target) and not options.force:
        raise Refused(f"{target} exists: give --force to replace it")
    if target.suffix.lower() == ".zip":
        from .archives import export_archive  # late: nbconvert takes its time

        return export_archive(source, target, originals, options.to, allow_missing=options.allow_missing)
    if _is_complete(source):
        return Exported(source, target, _copy(source, target))
    file = read_notebook(source)
    completing = Completing(file.notebook, originals)
    lacks = completing.lacks(proven=options.allow_missing)
    if lacks and not options.allow_missing:
        raise Incomplete(lacks)
    completing.give_up(lacks, placeholder)
    with progress(source.name, completing.size()) as advance, whole_file(target) as out:
        try:
            size = completing.write_to(out, advance)
        except Incomplete as error:
            raise Incomplete(completing.lacks(proven=True) or error.lacks) from error  # all, not only the first
        except UnicodeEncodeError as error:
            raise InvalidNotebook(f"{source} has half a character, which no file can hold") from error
    return Exported(source, target, size, lacks)


def _is_complete(path: Path) -> bool:
    """Whether the file is large, has no reference, and is as nbformat writes it: then it is the copy already."""
    if path.stat().st_size < _AS_IT_IS_BYTES or may_refer(path):
        return False
    with path.open("rb") as file:
        beginning = file.read(len(_BEGINNING))
        file.seek(-100, os.SEEK_END)
        return beginning == _BEGINNING and _END.search(file.read()) is not None


def _copy(source: Path, target: Path) -> int:
    with source.open("rb") as file, whole_file(target) as out:
        identity = identity_of(os.fstat(file.fileno()))
        size = 0
        while data := file.read(_PIECE_BYTES):
            size += out.write(data)
        if identity_of(os.fstat(file.fileno())) != identity:
            raise ChangedMeanwhile(f"{source} was written while it was read")
    return size


def _tell(batch: Batch[Exported], folder: Folder, options: argparse.Namespace) -> None:
    for done in batch.results:
        for lack in done.lacks:
            warn(f"{done.source}: {lack.where}: a placeholder is in the copy: {lack.error}")
    if options.json:
        print_json(
            {
                "exported": [done.to_json() for done in batch.results],
                "failed": [failure.to_json() for failure in batch.failures],
                "links_outside": [str(path) for path in folder.outside],
                "other_files": folder.others,
            }
        )
        return
    size = size_text(sum(done.size for done in batch.results))
    if not options.source.is_dir():
        for done in batch.results:
            print(f"{done.target}: {size}{', with placeholders' if done.lacks else ''}")
    else:
        print(f"{count_text(len(batch.results), 'notebook')}, {size}, exported to {options.output}")
        tell_left_alone(folder, "not copied")
    batch.warn()
