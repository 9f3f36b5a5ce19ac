"""From a notebook with references to one with the originals, in memory, as programs want it that convert notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import ArtifactCorrupt, ArtifactMissing, InvalidReference, LogMissing, OutputsMissing
from ..model.reference import REFERENCE_MIME_TYPE, LogReference, LongStreamReference, reference_in
from ..model.restore import Read, restore

_AT_ONCE = 8
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where an output is.

    Attributes:
        cell: its number, from 1.
        cell_id: its id; empty in files that have none.
        output: the number of the output in it, from 1.
    """

    cell: int
    cell_id: str
    output: int

    def __str__(self) -> str:
        """For people."""
        named = f" (id {self.cell_id})" if self.cell_id else ""
        return f"cell {self.cell}{named}, output {self.output}"


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


def refers(output: Any) -> bool:
    """Whether an output holds a reference, known or not."""
    data = output.get("data") if isinstance(output, Mapping) else None
    return isinstance(data, Mapping) and REFERENCE_MIME_TYPE in data


def references_of(notebook: Mapping[str, Any]) -> Iterator[tuple[Place, list[Any]]]:
    """Every output that holds a reference: its place, and the list that it is in."""
    for number, cell in enumerate(notebook.get("cells", []), 1):
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        if not isinstance(outputs, list):
            continue
        for index, output in enumerate(outputs):
            if refers(output):
                yield Place(number, str(cell.get("id", "")), index + 1), outputs


def resolve(notebook: Mapping[str, Any], sources: Sources, stream_max_bytes: int) -> tuple[list[str], list[str]]:
    """Put the originals of all references of a notebook into it. Blocks on the store.

    Args:
        notebook: changed in place; what cannot be had keeps its reference, and so the text that stands beside it.
        sources: where the originals are.
        stream_max_bytes: longer printed text keeps its reference, whose text has its first and last lines.

    Returns:
        What cannot be had, and what was too long, in words that begin with the cell.

    Raises:
        StoreUnavailable: nothing has changed; try again.
    """
    found = list(references_of(notebook))
    missing: list[str] = []
    shortened: list[str] = []
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="resolve") as threads:
        outputs = [outputs[place.output - 1] for place, outputs in found]
        originals = list(threads.map(lambda output: _original(output, sources, stream_max_bytes), outputs))
    for (place, outputs), original in zip(found, originals, strict=True):
        if isinstance(original, Exception):
            missing.append(f"{place}: {original}")
        elif original is None:
            shortened.append(f"{place} is longer than {stream_max_bytes} bytes: its first and last lines are shown")
        else:
            outputs[place.output - 1] = original
    return missing, shortened


def outputs_missing(missing: list[str], name: str = "") -> OutputsMissing:
    """The error that says so.

    Args:
        missing: as from :func:`resolve`.
        name: of the notebook, if it has one.
    """
    of = f" of {name}" if name else ""
    count = "An output" if len(missing) == 1 else f"{len(missing)} outputs"
    rest = [f"and {len(missing) - _MOST_NAMED} more"] if len(missing) > _MOST_NAMED else []
    return OutputsMissing("\n".join([f"{count}{of} cannot be had:", *missing[:_MOST_NAMED], *rest]))


def _original(output: Mapping[str, Any], sources: Sources, stream_max_bytes: int) -> dict[str, Any] | Exception | None:
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
