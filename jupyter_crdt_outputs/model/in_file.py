"""A reference as a file has it: with a line that says what is not there, and perhaps a picture that is small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import preview
from .reference import BundleReference, ErrorReference, LogReference, Reference, reference_in

_KEPT = " is kept by jupyter-crdt-outputs, not in this file; another server fetches it by: jupyter crdt-outputs pull"
_TEXT = "text/plain"


def to_file(output: Mapping[str, Any], thumbnails: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file's form of an output that stays a reference. A function of its arguments; undone by :func:`from_file`.

    Args:
        output: in the document's form; any output may be given.
        thumbnails: by the MIME type of the part that each stands for, spelled as in a notebook.
    """
    reference = reference_in(output)
    if reference is None:
        return dict(output)
    data = {**output["data"], **(thumbnails or {})}
    if isinstance(data.get(_TEXT), str):
        data[_TEXT] += _note(reference)
    return {**output, "data": data}


def from_file(output: Mapping[str, Any]) -> dict[str, Any]:
    """The document's form of an output, whichever form it has.

    Where a part of the same type is in the store, what stands beside the reference is but a thumbnail.
    """
    reference = reference_in(output)
    if reference is None:
        return dict(output)
    parts = reference.parts if isinstance(reference, BundleReference) else {}
    data = {mime: value for mime, value in output["data"].items() if mime == _TEXT or mime not in parts}
    if _TEXT in data:
        data[_TEXT] = _without(data[_TEXT], _note(reference))
    return {**output, "data": data}


def _note(reference: Reference) -> str:
    """What follows the text beside a reference in a file."""
    match reference:
        case LogReference():  # of which the text says that it is still being written
            return ""
        case BundleReference(parts=parts, preview=own):
            what = "" if own else "\n" + preview.of_bundle({mime: parts[mime].size for mime in sorted(parts)})
        case ErrorReference(part=part):
            what = "\n" + preview.of_bundle({"error": part.size})
        case stream:
            what = "\n" + preview.of_bundle({stream.name: stream.largest_bytes})
    return what + _KEPT


def _without(text: Any, note: str) -> Any:
    if isinstance(text, str):
        return text.removesuffix(note)
    if isinstance(text, list) and all(isinstance(line, str) for line in text):  # as files have it
        joined = "".join(text)
        return joined.removesuffix(note).splitlines(keepends=True) if note and joined.endswith(note) else text
    return text
