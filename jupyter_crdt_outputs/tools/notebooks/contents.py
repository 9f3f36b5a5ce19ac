"""Which artifacts notebook files stand for."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import CrdtOutputsError, InvalidReference
from ...model.digest import Digest
from ...model.offload import offload
from ...model.policy import Policy
from ...model.reference import BundleReference, ErrorReference, LongStreamReference, StreamReference, reference_in
from ...model.segments import from_index

CHECKPOINTS = ".ipynb_checkpoints"


@dataclass(frozen=True, slots=True)
class Found:
    """An artifact as a notebook has it.

    Attributes:
        size: in bytes.
        type: the MIME type; ``stream``, ``stream index`` or ``error`` for what has none.
        in_file: the file holds the bytes themselves. False: a reference alone, so only the store has them.
    """

    size: int
    type: str
    in_file: bool


@dataclass(slots=True)
class Contents:
    """What one file stands for.

    Attributes:
        path: of the file.
        artifacts: by digest; one that the file both holds and refers to counts as held.
        problem: why it could not be read to its end, for people; empty for most.
    """

    path: Path
    artifacts: dict[Digest, Found] = field(default_factory=dict)
    problem: str = ""


def notebook_files(roots: Iterable[Path]) -> Iterator[Path]:
    """Every ``.ipynb`` file below *roots*, without checkpoints. Links to folders are not followed."""
    for root in roots:
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name != CHECKPOINTS)
            yield from (Path(folder, name) for name in sorted(files) if name.endswith(".ipynb"))


def contents(path: Path, policy: Policy, get: Callable[[Digest], bytes]) -> Contents:
    """The artifacts that opening the file would make, and those it refers to.

    Never raises for what is in the file.

    Args:
        path: of a notebook of any format version.
        policy: that of the server: the digests of outputs do not depend on it, but which outputs have one does.
        get: reads the index of a long stream that the file refers to.
    """
    found = Contents(path)
    try:
        notebook = read(path)
    except Exception as error:  # whatever somebody has called .ipynb
        found.problem = f"{type(error).__name__}: {error}"[:200]
        return found
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []) if isinstance(cell, Mapping) else []:
            if isinstance(output, Mapping):
                _take(_joined(output), policy, get, found)
    return found


def read(path: Path) -> Mapping[str, Any]:
    """As the server reads it, but that nothing is validated, and lines are joined where outputs are looked at."""
    notebook: Any = json.loads(path.read_bytes())
    if not isinstance(notebook, Mapping) or not isinstance(notebook.get("nbformat"), int):
        raise InvalidReference("not a notebook")
    if notebook["nbformat"] != 4:
        from nbformat import converter, reader  # late: more than a second, and for old files alone

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = converter.convert(reader.reads(json.dumps(notebook)), 4)
    return dict(notebook)


def _joined(output: Mapping[str, Any]) -> dict[str, Any]:
    """With its text in one piece, as a document has it; files have lists of lines. JSON stays as it is."""
    joined = {key: _text(value) if key == "text" else value for key, value in output.items()}
    if isinstance(output.get("data"), Mapping):
        joined["data"] = {
            mime: value if mime == "application/json" or mime.endswith("+json") else _text(value)
            for mime, value in output["data"].items()
        }
    return joined


def _text(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value


def _take(output: Mapping[str, Any], policy: Policy, get: Callable[[Digest], bytes], found: Contents) -> None:
    held = offload(output, policy)
    sizes = {digest: len(data) for digest, data in held.artifacts.items()}
    types = dict(artifacts_of(held.output))
    for digest, size in sizes.items():
        found.artifacts[digest] = Found(size, types[digest][1] if digest in types else "stream", in_file=True)
    for digest, (size, type_) in types.items():
        found.artifacts.setdefault(digest, Found(size, type_, in_file=False))
    reference = reference_in(output)
    if isinstance(reference, LongStreamReference):
        try:
            for segment in from_index(get(reference.index.digest)):
                found.artifacts.setdefault(segment.digest, Found(segment.size, "stream", in_file=False))
        except CrdtOutputsError as error:
            found.problem = str(error)


def artifacts_of(output: Mapping[str, Any]) -> Iterator[tuple[Digest, tuple[int, str]]]:
    """Every artifact that a document's output refers to itself, with its size and type; nothing for a plain output."""
    match reference_in(output):
        case BundleReference(parts=parts):
            yield from ((part.digest, (part.size, mime)) for mime, part in parts.items())
        case StreamReference(segments=segments):
            yield from ((part.digest, (part.size, "stream")) for part in segments)
        case LongStreamReference(index=index):
            yield index.digest, (index.size, "stream index")
        case ErrorReference(part=part):
            yield part.digest, (part.size, "error")
