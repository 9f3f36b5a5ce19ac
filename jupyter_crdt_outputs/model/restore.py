"""From what stands in the document back to the output that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidReference
from .digest import Digest
from .encoding import decode
from .reference import (
    REFERENCE_MIME_TYPE,
    BundleReference,
    ErrorReference,
    Part,
    StreamReference,
    reference_in,
)

Read = Callable[[Digest], bytes]


def restore(output: Mapping[str, Any], read: Read) -> dict[str, Any]:
    """The original of an output, equal in every value and type.

    Args:
        output: one output of the document; plain outputs and unreadable references come back unchanged.
        read: gives an artifact's verified bytes.

    Raises:
        Whatever *read* raises. The caller then keeps the reference: it must never write an empty output instead.
        InvalidReference: when the artifacts are not what the reference says.
    """
    reference = reference_in(output)
    match reference:
        case None:
            return dict(output)
        case BundleReference():
            return _restore_bundle(output, reference, read)
        case StreamReference(name, segments):
            return {"output_type": "stream", "name": name, "text": "".join(_text(part, read) for part in segments)}
        case ErrorReference(part=part):
            original = _value(part, read)
            if not isinstance(original, dict) or original.get("output_type") != "error":
                raise InvalidReference("the artifact is not an error output")
            return original


def _restore_bundle(output: Mapping[str, Any], reference: BundleReference, read: Read) -> dict[str, Any]:
    data = {mime: value for mime, value in output["data"].items() if mime != REFERENCE_MIME_TYPE}
    if reference.preview:
        data.pop("text/plain", None)
    data |= {mime: _value(part, read) for mime, part in reference.parts.items()}
    return {**output, "data": data, "metadata": dict(reference.metadata)}


def _value(part: Part, read: Read) -> Any:
    return decode(read(part.digest), part.encoding)


def _text(part: Part, read: Read) -> str:
    value = _value(part, read)
    if not isinstance(value, str):
        raise InvalidReference("a segment is not text")
    return value
