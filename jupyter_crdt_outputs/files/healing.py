"""Artifacts that are gone from the store and are still in a notebook's file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import ArtifactMissing
from ..model.digest import Digest
from ..model.reference import reference_in
from ..store.archive import Archive
from .reading import NotebookReading
from .unread import UnreadOutputs


def bring_back_missing(path: Path, notebook: Mapping[str, Any], archive: Archive) -> bool:
    """Have in the store what *notebook* refers to, as far as the file has it. Blocks; cheap when nothing is missing.

    What somebody has removed for good stays so, and of long streams only the index is looked for.

    Args:
        path: of the file.
        notebook: in the document's form.
        archive: whose store is looked at.

    Returns:
        Whether something was missing.

    Raises:
        CannotCut, ValueError, FileChanged, OSError: the file cannot be read in parts.
        StoreFull, StoreUnavailable: the store does not take it, or does not answer.
    """
    if not any(_is_missing(digest, archive) for digest in _digests(notebook)):
        return False
    with closing(NotebookReading(path)) as reading:
        unread = UnreadOutputs(reading, archive)
        while (batch := unread.next()) is not None:
            archive.keep(batch.artifacts)
    return True


def _digests(notebook: Mapping[str, Any]) -> Iterator[Digest]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            reference = reference_in(output)
            if reference is not None:
                yield from reference.digests


def _is_missing(digest: Digest, archive: Archive) -> bool:
    try:
        archive.store.size(digest)
    except ArtifactMissing:
        return True
    return False
