"""From an nbformat output to the output that stands in the document, and the bytes that leave it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import preview
from .digest import Digest
from .encoding import encode
from .in_file import from_file
from .policy import Policy
from .reference import (
    REFERENCE_MIME_TYPE,
    BundleReference,
    ErrorReference,
    LogReference,
    LongStreamReference,
    Part,
    Reference,
    StreamReference,
)
from .segments import Segment, cut, to_index

_EXACT_KEYS = {
    "stream": {"output_type", "name", "text"},
    "error": {"output_type", "ename", "evalue", "traceback"},
}


@dataclass(slots=True)
class Offloaded:
    """An output for the document, and the artifacts that must be durable before it goes there.

    Attributes:
        output: a valid nbformat output.
        artifacts: raw bytes by digest; empty when nothing had to leave.
    """

    output: dict[str, Any]
    artifacts: dict[Digest, bytes] = field(default_factory=dict)


def offload(output: Mapping[str, Any], policy: Policy) -> Offloaded:
    """Take bulk out of an output. Deterministic, and undone exactly by :func:`.restore.restore`.

    What cannot be brought back exactly (odd keys, values that JSON cannot hold) stays as it is: completeness goes
    before weight. So does a reference, without what only files have beside it.

    Args:
        output: one nbformat output, or anything that claims to be; never changed.
        policy: what leaves.
    """
    kind = output.get("output_type")
    try:
        if kind in ("display_data", "execute_result"):
            return _offload_bundle(output, policy)
        if kind in _EXACT_KEYS and set(output) == _EXACT_KEYS[kind]:
            return (_offload_stream if kind == "stream" else _offload_error)(output, policy)
    except (ValueError, TypeError, RecursionError):
        pass
    return Offloaded(dict(output))


def stream_output(
    name: str, segments: Sequence[Segment], head: bytes, tail: bytes, artifacts: dict[Digest, bytes]
) -> dict[str, Any]:
    """The document's form of a stream whose text lies in *segments*.

    Args:
        name: ``stdout`` or ``stderr``.
        segments: in order.
        head: the text's first bytes, :data:`.preview.END_BYTES` of them if there are so many.
        tail: its last bytes, likewise.
        artifacts: the index is added to these, if there is to be one.
    """
    size = sum(segment.size for segment in segments)
    lines = sum(segment.newlines for segment in segments) + (not tail.endswith(b"\n"))
    reference: StreamReference | LongStreamReference
    if len(segments) > 1:
        index = _part("text/plain", to_index(segments).decode("ascii"), artifacts)
        reference = LongStreamReference(name, index, size, lines)
    else:
        reference = StreamReference(name, tuple(Part(each.digest, each.size, "utf-8") for each in segments))
    return _display(reference, {"text/plain": preview.of_stream(head, tail, lines, size)})


def log_output(name: str, log: str, head: bytes) -> dict[str, Any]:
    """The document's form of a stream while it is written to a log."""
    return _display(LogReference(name, log), {"text/plain": preview.of_beginning(head)})


def _offload_bundle(output: Mapping[str, Any], policy: Policy) -> Offloaded:
    data = output.get("data")
    metadata = output.get("metadata", {})
    if not isinstance(data, Mapping) or not isinstance(metadata, Mapping):
        return Offloaded(dict(output))
    if REFERENCE_MIME_TYPE in data:
        return Offloaded(from_file(output))
    leaving = [mime for mime, value in data.items() if policy.leaves_document(mime, value)]
    if not leaving or "metadata" not in output:
        return Offloaded(dict(output))
    artifacts: dict[Digest, bytes] = {}
    parts = {mime: _part(mime, data[mime], artifacts) for mime in sorted(leaving)}
    inline = {mime: value for mime, value in data.items() if mime not in parts}
    own_preview = False
    if "text/plain" in parts:
        text = data["text/plain"]
        text = text if isinstance(text, str) else "".join(map(str, text))
        inline["text/plain"] = _legible(preview.of_text(text, parts["text/plain"].size))
    elif "text/plain" not in inline:
        inline["text/plain"] = preview.of_bundle({mime: part.size for mime, part in parts.items()})
        own_preview = True
    reference = BundleReference(parts, dict(metadata), own_preview)
    rest = {key: value for key, value in output.items() if key not in ("data", "metadata")}
    return Offloaded({**rest, "data": {REFERENCE_MIME_TYPE: reference.to_json(), **inline}, "metadata": {}}, artifacts)


def _offload_stream(output: Mapping[str, Any], policy: Policy) -> Offloaded:
    text = output["text"]
    if not isinstance(text, str) or not isinstance(output["name"], str) or not policy.is_bulk(text):
        return Offloaded(dict(output))
    data = text.encode("utf-8")
    artifacts: dict[Digest, bytes] = {}
    segments = []
    for piece in cut(data, whole=True):
        segments.append(segment := Segment.of(piece))
        artifacts[segment.digest] = piece
    ends = data[: preview.END_BYTES], data[-preview.END_BYTES :]
    return Offloaded(stream_output(output["name"], segments, *ends, artifacts), artifacts)


def _offload_error(output: Mapping[str, Any], policy: Policy) -> Offloaded:
    ename, evalue = output["ename"], output["evalue"]
    if not policy.is_bulk(dict(output)) or not isinstance(ename, str) or not isinstance(evalue, str):
        return Offloaded(dict(output))
    artifacts: dict[Digest, bytes] = {}
    # In one order: a kernel has its own, and a file has them sorted.
    part = _part("application/json", {key: output[key] for key in sorted(output)}, artifacts)
    text = f"{ename}: {evalue}"
    reference = ErrorReference(_legible(ename[:200]), _legible(evalue[:500]), part)
    return Offloaded(_display(reference, {"text/plain": preview.of_text(text, part.size)}), artifacts)


def _display(reference: Reference, inline: dict[str, Any]) -> dict[str, Any]:
    inline = {mime: _legible(text) for mime, text in inline.items()}
    return {
        "output_type": "display_data",
        "data": {REFERENCE_MIME_TYPE: reference.to_json(), **inline},
        "metadata": {},
    }


def _part(mime: str, value: Any, artifacts: dict[Digest, bytes]) -> Part:
    data, encoding = encode(mime, value)
    digest = Digest.of(data)
    artifacts[digest] = data
    width, height = dimensions(data) if mime.startswith("image/") else (None, None)
    return Part(digest, len(data), encoding, width, height)


def dimensions(data: bytes) -> tuple[int | None, int | None]:
    """Width and height of a picture in pixels, as its header has them; None where it says nothing likely."""
    import imagesize  # late: it brings modules for the network

    try:
        width, height = imagesize.get(io.BytesIO(data[:65536]))
    except Exception:  # the header is hostile input, and nothing depends on it
        return None, None
    if not (0 < width < 100_000 and 0 < height < 100_000):
        return None, None
    return int(width), int(height)


def _legible(text: str) -> str:
    """Without lone surrogates, which a shared document cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
