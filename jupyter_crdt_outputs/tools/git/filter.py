"""``git-clean`` and ``git-smudge``: small files in a repository, complete ones in the folder where somebody works."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from typing import Any

from nbformat import v4

from ...errors import CrdtOutputsError
from ...files.completing import Completing
from ...files.pieces import pieces_of
from ...files.thinning import thinned
from ...model.digest import Digest
from ...model.reference import REFERENCE_MIME_TYPE, LongStreamReference, reference_in
from ...model.segments import from_index
from ...store.collection import pins
from ..grammar import PROGRAM
from ..notebooks.thin_files import ThinFiles
from ..place import Place, configured_url, place_at


def clean(options: argparse.Namespace) -> int:
    """From what is in the folder to what git keeps. A notebook without large outputs stays as it is, byte for byte.

    Artifacts are durable in the store, and pinned, before their references are printed; when the store fails, so does
    this.
    """
    data = sys.stdin.buffer.read()
    notebook = _notebook(data)
    if notebook is not None:
        data = _cleaned(notebook, options) or data
    sys.stdout.buffer.write(data)
    return 0


def smudge(options: argparse.Namespace) -> int:
    """From what git keeps to what is in the folder. What cannot be had stays a reference, with a warning.

    It always succeeds: a checkout must not fail, or leave files out, since a store is away.
    """
    data = sys.stdin.buffer.read()
    notebook = _notebook(data) if REFERENCE_MIME_TYPE.encode() in data else None
    name = options.path or "a notebook"
    try:
        if notebook is not None and _write_complete(notebook, options, name):
            return 0
    except CrdtOutputsError as error:
        _warn(f"{name} keeps its references: {error}")
    sys.stdout.buffer.write(data)
    return 0


def _cleaned(notebook: Any, options: argparse.Namespace) -> bytes | None:
    """The file with references; None when there is nothing to take out."""
    thin_files = ThinFiles()
    limit = options.larger_than or thin_files.limit_of(options.path or "", notebook["metadata"])
    place = place_at(options.store or thin_files.settings.store_url)
    archive = thin_files.archive(place.store)
    artifacts: dict[Digest, bytes] = {}
    others: set[Digest] = set()
    for cell in notebook["cells"]:
        for at, output in enumerate(cell.get("outputs") or ()):
            thin = thinned(output, archive, limit)
            if thin is not None:
                artifacts |= thin.artifacts
                cell["outputs"][at] = thin.output
            else:
                others |= _reached(output, place)
    if artifacts or others:
        archive.keep(artifacts)
        if not options.no_pin:
            _pin(place, {*artifacts, *others})
    if not artifacts:
        return None
    return b"".join(piece for piece in pieces_of(notebook, lambda output: False) if isinstance(piece, bytes))


def _reached(output: Any, place: Place) -> set[Digest]:
    """What an output refers to already."""
    reference = reference_in(output)
    reached = set(reference.digests) if reference is not None else set()
    if isinstance(reference, LongStreamReference):
        with suppress(CrdtOutputsError):
            reached |= {segment.digest for segment in from_index(place.originals().get(reference.index.digest))}
    return reached


def _pin(place: Place, digests: set[Digest]) -> None:
    """Commits are no files that a collector could look into: what they refer to stays until it is unpinned."""
    for digest in digests:
        is_there = place.blobs.stat(digest) is not None
        if is_there and place.blobs.records.read(pins.KIND, digest.hex) is None:
            pins.pin(place.blobs.records, digest, "in a git repository")


def _write_complete(notebook: Any, options: argparse.Namespace, name: str) -> bool:
    """Write the complete file, as far as it can be had. Returns False, and writes nothing, when nothing can."""
    place: Place = place_at(options.store or configured_url())
    completing = Completing(notebook, place.originals())
    lacks = completing.lacks(proven=True)
    completing.give_up(lacks, lambda output, lack: output)
    for lack in lacks:
        _warn(f"{name}, {lack}")
    for piece in completing.pieces():
        sys.stdout.buffer.write(piece)
    return True


def _notebook(data: bytes) -> Any:
    """A notebook of nbformat 4, its texts in one piece; None for anything else, which is left alone."""
    try:
        content = json.loads(data.decode("utf-8"))
        if content["nbformat"] != 4:
            return None
        notebook = v4.to_notebook_json(content)
        return notebook if all(isinstance(cell.get("outputs", []), list) for cell in notebook["cells"]) else None
    except Exception:  # whatever somebody has called .ipynb
        return None


def _warn(message: str) -> None:
    print(f"{PROGRAM}: {message}", file=sys.stderr)
