"""The outputs of a notebook as files with names, and what each of them is beside its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...files.output_text import Artifacts
from ...model.encoding import decode, encode
from ...model.in_file import from_file
from ...model.offload import offload
from ...model.policy import WIDGET_VIEW, Policy
from ...model.reference import BundleReference, LongStreamReference, Part, Reference, StreamReference, reference_in
from ...model.restore import restore, restore_bundle
from ...model.segments import from_index
from .file_names import FileNames, safe

INLINE_BYTES = 100_000
"""Text up to this size stands in the page, as nbconvert has it; what is longer is a file that the page leads to."""

_SLICE_BYTES = 1 << 22
_PREVIEWED = Policy()

Read = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Extract:
    """A file.

    Attributes:
        name: in the archive.
        mime: its type.
        size: in bytes.
        read: gives its bytes, verified.
    """

    name: str
    mime: str
    size: int
    read: Read


@dataclass(slots=True)
class Shown:
    """One output as a page can have it.

    Attributes:
        output: the original, without the parts that are files; of a long stream, its first and last lines.
        files: those, by type; ``stream`` for a stream's text.
    """

    output: dict[str, Any]
    files: dict[str, Extract] = field(default_factory=dict)


class Extracts:
    """Takes the outputs of one notebook apart. Equal outputs are taken apart equally, wherever their bytes are.

    Args:
        originals: has what references stand for.
        cells: how many the notebook has.
    """

    def __init__(self, originals: Artifacts, cells: int) -> None:
        self._originals = originals
        self._digits = len(str(cells))
        self._names = FileNames()

    def shown(self, output: Mapping[str, Any], cell: int, number: int) -> Shown:
        """Take an output apart.

        Args:
            output: as a file or a document has it.
            cell: its cell's number, from 1.
            number: of the output in the cell, from 1.
        """
        reference = reference_in(output)
        place = f"cell-{cell:0{self._digits}}-output-{number}"
        if output["output_type"] == "stream" or isinstance(reference, StreamReference | LongStreamReference):
            return self._stream(output, reference, place)
        if isinstance(reference, BundleReference):
            output = restore_bundle(output, reference, lambda part: part)
        elif reference is not None:
            return Shown(restore(output, self._originals.get))
        data = output.get("data")
        if not isinstance(data, Mapping):
            return Shown(dict(output))
        values, files = {}, {}
        for mime, value in sorted(data.items()):
            size, read = self._value(mime, value)
            if _is_file(mime, size):
                files[mime] = Extract(self._names.of(mime, place), mime, size, read)
            else:
                values[mime] = self._inline(value)
        return Shown({**output, "data": values}, files)

    def attachment(self, mime: str, value: Any, cell: int, number: int) -> Extract:
        """An attachment of a cell as a file."""
        size, read = self._value(mime, value)
        place = f"cell-{cell:0{self._digits}}-attachment-{number}"
        return Extract(self._names.of(mime, place), mime, size, read)

    def _stream(self, output: Mapping[str, Any], reference: Reference | None, place: str) -> Shown:
        size, read = self._text(output, reference)
        name = reference.name if isinstance(reference, StreamReference | LongStreamReference) else output["name"]
        if size <= INLINE_BYTES:
            text = b"".join(read()).decode("utf-8", "replace")
            return Shown({"output_type": "stream", "name": name, "text": text})
        referring = from_file(output) if reference is not None else offload(output, _PREVIEWED).output
        preview = referring["data"]["text/plain"]
        file = Extract(self._names.of("text/plain", f"{place}-{safe(name)}", ".txt"), "text/plain", size, read)
        return Shown({"output_type": "stream", "name": name, "text": f"{preview}\n"}, {"stream": file})

    def _text(self, output: Mapping[str, Any], reference: Reference | None) -> tuple[int, Read]:
        match reference:
            case StreamReference(segments=segments):
                parts = [(part.digest, part.size) for part in segments]
            case LongStreamReference(index=index):
                found = from_index(self._originals.get(index.digest))
                parts = [(segment.digest, segment.size) for segment in found]
            case _:
                data = output["text"].encode("utf-8", "replace")
                return len(data), lambda: iter([data])
        return sum(size for _, size in parts), lambda: (self._originals.get(digest) for digest, _ in parts)

    def _value(self, mime: str, value: Any) -> tuple[int, Read]:
        """The size and the bytes of a value, or of the artifact that a part stands for."""
        if not isinstance(value, Part):
            data, encoding = encode(mime, value)
            data = _sorted(data) if encoding == "json" else data
            return len(data), lambda: iter([data])
        if value.encoding == "json":
            data = _sorted(self._originals.get(value.digest))
            return len(data), lambda: iter([data])
        size = self._originals.size(value.digest)
        slices = range(0, size, _SLICE_BYTES)
        return size, lambda: (self._originals.read(value.digest, start, start + _SLICE_BYTES) for start in slices)

    def _inline(self, value: Any) -> Any:
        if not isinstance(value, Part):
            return value
        return decode(self._originals.get(value.digest), value.encoding)


def _is_file(mime: str, size: int) -> bool:
    if mime.startswith("text/") or mime == "application/javascript":
        return size > INLINE_BYTES
    return mime != WIDGET_VIEW


def _sorted(data: bytes) -> bytes:
    """JSON with its keys as a file has them; documents keep them as the kernel sent them."""
    text = json.dumps(json.loads(data), sort_keys=True, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "surrogatepass") + b"\n"
