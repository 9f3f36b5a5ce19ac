"""Which artifacts notebook files cannot do without, and for which of their outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ArtifactCorrupt, ArtifactMissing, InvalidReference
from ...files.lacks import Where
from ...model.digest import Digest
from ...model.reference import LongStreamReference, reference_in
from ...model.segments import from_index
from .contents import artifacts_of, read
from .reading import InvalidNotebook, may_refer


@dataclass(frozen=True, slots=True)
class Want:
    """An output that needs an artifact.

    Attributes:
        digest: of the artifact.
        size: in bytes, as the reference says.
        type: the MIME type; ``stream``, ``stream index`` or ``error`` for what has none.
        path: of the notebook.
        where: the output in it.
    """

    digest: Digest
    size: int
    type: str
    path: Path
    where: Where


def wants_of(path: Path, get_index: Callable[[Digest], bytes]) -> list[Want]:
    """Everything that the outputs of a notebook file refer to; nothing of a complete one.

    Args:
        path: of a notebook of any format version; it need not be valid.
        get_index: reads the index of a long stream. Of one that is missing, only the index itself is wanted.

    Raises:
        InvalidNotebook: the file is no notebook.
        OSError: it cannot be read.
        StoreUnavailable: by *get_index*.
    """
    if not may_refer(path):
        return []
    try:
        cells = read(path).get("cells")
    except OSError:
        raise
    except Exception as error:  # whatever somebody has called .ipynb
        raise InvalidNotebook(f"{path} is not a notebook ({type(error).__name__}: {error!s:.200})") from error
    return [
        Want(digest, size, type_, path, where)
        for where, output in _outputs(cells)
        for digest, size, type_ in _needed(output, get_index)
    ]


def _outputs(cells: Any) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    for number, cell in enumerate(cells if isinstance(cells, list) else [], 1):
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        for at, output in enumerate(outputs if isinstance(outputs, list) else [], 1):
            if isinstance(output, Mapping):
                yield Where(number, str(cell.get("id") or ""), at), output


def _needed(output: Mapping[str, Any], get_index: Callable[[Digest], bytes]) -> Iterator[tuple[Digest, int, str]]:
    for digest, (size, type_) in artifacts_of(output):
        yield digest, size, type_
    reference = reference_in(output)
    if isinstance(reference, LongStreamReference):
        try:
            segments = from_index(get_index(reference.index.digest))
        except (ArtifactMissing, ArtifactCorrupt, InvalidReference):
            return
        for segment in segments:
            yield segment.digest, segment.size, "stream"
