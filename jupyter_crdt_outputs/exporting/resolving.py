"""From a notebook with references to one with the originals, in memory, as programs want it that convert notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError, InvalidReference, LogMissing
from ..files.completing import refers
from ..files.lacks import Lack, Where
from ..model.reference import LogReference, LongStreamReference, reference_in
from ..model.restore import Read, restore

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Sources:
    """What originals are made from.

    Attributes:
        read: gives an artifact's verified bytes; blocks.
        text_of_log: gives the text of a stream that is still printed, by the id of its log, or None if it is longer
            than so many bytes; raises LogMissing. None where there are no logs.
    """

    read: Read
    text_of_log: Callable[[str, int], str | None] | None = None


def references_of(notebook: Mapping[str, Any]) -> Iterator[tuple[Where, list[Any]]]:
    """Every output that holds a reference, known or not: its place, and the list that it is in."""
    for number, cell in enumerate(notebook.get("cells", []), 1):
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        if not isinstance(outputs, list):
            continue
        for index, output in enumerate(outputs, 1):
            if refers(output):
                yield Where(number, str(cell.get("id", "")), index), outputs


def resolve(notebook: Mapping[str, Any], sources: Sources, stream_max_bytes: int) -> tuple[list[Lack], list[Where]]:
    """Put the originals of all references of a notebook into it. Blocks on the store.

    Args:
        notebook: changed in place; what cannot be had keeps its reference, and so the text that stands beside it.
        sources: where the originals are.
        stream_max_bytes: longer printed text keeps its reference, whose text has its first and last lines.

    Returns:
        What cannot be had, and what was too long.

    Raises:
        StoreUnavailable: nothing has changed; try again.
    """
    found = list(references_of(notebook))
    lacks: list[Lack] = []
    shortened: list[Where] = []
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="resolve") as threads:
        references = [outputs[where.output - 1] for where, outputs in found]
        originals = list(threads.map(lambda output: _original(output, sources, stream_max_bytes), references))
    for (where, outputs), original in zip(found, originals, strict=True):
        if isinstance(original, CrdtOutputsError):
            lacks.append(Lack(where, original))
        elif original is None:
            shortened.append(where)
        else:
            outputs[where.output - 1] = original
    return lacks, shortened


def _original(
    output: Mapping[str, Any], sources: Sources, stream_max_bytes: int
) -> dict[str, Any] | CrdtOutputsError | None:
    """The original; why it cannot be had; or None for a stream that is too long."""
    match reference_in(output):
        case None:
            return InvalidReference("it is kept in a way that this version does not know")
        case LongStreamReference(size=size) if size > stream_max_bytes:
            return None
        case LogReference(name, log) if sources.text_of_log is not None:
            try:
                text = sources.text_of_log(log, stream_max_bytes)
            except LogMissing as error:
                return error
            return None if text is None else {"output_type": "stream", "name": name, "text": text}
    try:
        return restore(output, sources.read)
    except (ArtifactMissing, ArtifactCorrupt, InvalidReference) as error:
        return error
