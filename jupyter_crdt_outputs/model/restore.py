"""From what stands in the document back to the output that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidReference
from .digest import Digest
from .encoding import decode
from .in_file import from_file
from .reference import (
    REFERENCE_MIME_TYPE,
    BundleReference,
    ErrorReference,
    LogReference,
    LongStreamReference,
    Part,
    StreamReference,
    reference_in,
)
from .segments import from_index

Read = Callable[[Digest], bytes]


def restore(output: Mapping[str, Any], read: Read) -> dict[str, Any]:
    """The original of an output, equal in every value and type.

    Args:
        output: one output of the document or of a file; plain outputs and unreadable references come back unchanged.
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
            return restore_bundle(output, reference, lambda part: _value(part, read))
        case StreamReference(name, segments):
            return _stream(name, "".join(_text(part, read) for part in segments))
        case LongStreamReference(name, index, size):
            data = b"".join(read(segment.digest) for segment in from_index(read(index.digest)))
            if len(data) != size:
                raise InvalidReference("the segments are not as long as the reference says")
            return _stream(name, _decoded(data))
        case LogReference(log=log):
            raise InvalidReference(f"the output was still being written to log {log} when this was saved")
        case ErrorReference(part=part):
            original = _value(part, read)
            if not isinstance(original, dict) or original.get("output_type") != "error":
                raise InvalidReference("the artifact is not an error output")
            return original


def restore_bundle(
    output: Mapping[str, Any], reference: BundleReference, value_of: Callable[[Part], Any]
) -> dict[str, Any]:
    """The output that *output*, which holds *reference*, stands for.

    Args:
        output: one output of the document or of a file.
        reference: the one in it.
        value_of: gives the value that a part has in the original.
    """
    data = {mime: value for mime, value in from_file(output)["data"].items() if mime != REFERENCE_MIME_TYPE}
    if reference.preview:
        data.pop("text/plain", None)
    data |= {mime: value_of(part) for mime, part in reference.parts.items()}
    return {**output, "data": data, "metadata": dict(reference.metadata)}


def _value(part: Part, read: Read) -> Any:
    return decode(read(part.digest), part.encoding)


def _stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidReference(f"a segment is not text: {error}") from error


def _text(part: Part, read: Read) -> str:
    value = _value(part, read)
    if not isinstance(value, str):
        raise InvalidReference("a segment is not text")
    return value
