"""The text of one restored output, of which no more than a slice is in memory."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import pybase64

from ..errors import InvalidReference, LogMissing
from ..model.digest import Digest
from ..model.encoding import Encoding, decode
from ..model.reference import (
    BundleReference,
    LogReference,
    LongStreamReference,
    Reference,
    StreamReference,
    reference_in,
)
from ..model.restore import restore, restore_bundle
from ..model.segments import from_index
from .ahead import Fetch
from .json_text import JsonText
from .pieces import text_of

_SLICE_BYTES = 57 * 3 << 15
"""Of 5.6 MB. Whole groups of base64, and whole lines of it."""

_TIMES = {"base64": 4, "base64-lf": 5, "base64-mime": 5, "utf-8": 2, "json": 12}
"""How many times its size an artifact takes in memory until it is written."""

_PLACE = re.compile(rb'(\[(\n +))?"([0-9a-f]{32}):(\d+)"(\n +\])?')

SizeOf = Callable[[Digest], int]


class Artifacts(Protocol):
    """What can be read of an :class:`.ArtifactStore`, whose verbs these are."""

    def get(self, digest: Digest) -> bytes:
        """The whole artifact, verified."""
        ...

    def size(self, digest: Digest) -> int:
        """How many bytes it has."""
        ...

    def read(self, digest: Digest, start: int, stop: int) -> bytes:
        """A part of it, verified."""
        ...


class OutputText:
    """What nbformat writes for the original of an output, in pieces that are yet to be read.

    Args:
        output: has a reference.
        store: has the original.
        size_of: the true sizes of artifacts, which a reference may be wrong about.
    """

    def __init__(self, output: Mapping[str, Any], store: Artifacts, size_of: SizeOf) -> None:
        self._output = output
        self._store = store
        self._size_of = size_of

    def reached(self) -> Iterator[Digest]:
        """Every artifact that is needed. Raises :class:`InvalidReference`, :class:`LogMissing`, and as the store."""
        reference = self._reference()
        yield from reference.digests
        if isinstance(reference, LongStreamReference):
            yield from (segment.digest for segment in from_index(self._store.get(reference.index.digest)))

    def pieces(self) -> Iterator[bytes | Fetch]:
        """In order. Raises as :meth:`reached`; and each piece, when it is read."""
        reference = self._reference()
        match reference:
            case BundleReference(parts=parts) if all(part.encoding != "json" for part in parts.values()):
                holes = _Holes()
                skeleton = restore_bundle(
                    self._output, reference, lambda part: holes.place(part.encoding, [part.digest])
                )
                yield from holes.filled(skeleton, self._fetches, self._size_of)
            case StreamReference(name, segments) if all(part.encoding == "utf-8" for part in segments):
                yield from self._stream(name, [part.digest for part in segments], None)
            case LongStreamReference(name, index, size):
                segments_ = from_index(self._store.get(index.digest))
                yield from self._stream(name, [segment.digest for segment in segments_], size)
            case _:  # JSON is in memory as a whole: its keys are to be sorted
                size = sum(self._size_of(digest) for digest in reference.digests)
                yield Fetch(size * _TIMES["json"], lambda: text_of(restore(self._output, self._store.get)))

    def _reference(self) -> Reference:
        reference = reference_in(self._output)
        if reference is None:
            raise InvalidReference("its reference is of a kind that this version does not know")
        if isinstance(reference, LogReference):
            raise LogMissing("the cell was still printing when this was saved: open the notebook on its server")
        return reference

    def _stream(self, name: str, segments: Sequence[Digest], size: int | None) -> Iterator[bytes | Fetch]:
        holes = _Holes()
        skeleton = {"output_type": "stream", "name": name, "text": holes.place("utf-8", segments, size)}
        return holes.filled(skeleton, self._fetches, self._size_of)

    def _fetches(self, digest: Digest, encoding: Encoding) -> Iterator[Fetch]:
        """The value of an artifact in UTF-8."""
        size = self._size_of(digest)
        if size <= _SLICE_BYTES:
            yield Fetch(size * _TIMES[encoding], lambda: _utf8(self._store.get(digest), encoding))
            return
        spelled: Encoding = "base64" if encoding == "base64-lf" else encoding
        for start in range(0, size, _SLICE_BYTES):
            yield Fetch(_SLICE_BYTES * _TIMES[encoding], self._slice(digest, start, spelled))
        if encoding == "base64-lf":
            yield Fetch(0, lambda: b"\n")

    def _slice(self, digest: Digest, start: int, encoding: Encoding) -> Callable[[], bytes]:
        return lambda: _utf8(self._store.read(digest, start, start + _SLICE_BYTES), encoding)


class _Holes:
    """The places of texts that are too long to be in a Python object."""

    def __init__(self) -> None:
        self._token = secrets.token_hex(16)
        self._texts: list[tuple[Encoding, Sequence[Digest], int | None]] = []

    def place(self, encoding: Encoding, artifacts: Sequence[Digest], size: int | None = None) -> str:
        """What stands for a text: the values of *artifacts*, one after another; of *size* bytes in all, if given."""
        self._texts.append((encoding, artifacts, size))
        return f"{self._token}:{len(self._texts) - 1}"

    def filled(
        self, output: Mapping[str, Any], fetches: Callable[[Digest, Encoding], Iterator[Fetch]], size_of: SizeOf
    ) -> Iterator[bytes | Fetch]:
        """The text of *output*, which has such places."""
        text, at, token = text_of(output), 0, self._token.encode()
        for found in _PLACE.finditer(text):
            if found[3] != token:
                continue
            encoding, artifacts, size = self._texts[int(found[4])]
            bracket, indent, closing = found[1] or b"", found[2] or b"", found[5] or b""
            if any(map(size_of, artifacts)):
                yield text[at : found.start()] + bracket + b'"'
                string = _String(b'",' + indent + b'"' if bracket else b"", size)
                for digest in artifacts:
                    for fetch in fetches(digest, encoding):
                        yield fetch if encoding == "base64" else Fetch(fetch.size, fetch.read, string.feed)
                yield Fetch(0, bytes, string.end)
                yield b'"' + closing
            else:
                yield text[at : found.start()] + (b"[]" if bracket else b'""')
            at = found.end()
        yield text[at:]


class _String:
    """A JSON string, or list of lines, of which it is known how long it must be, or that it may have any size."""

    def __init__(self, between: bytes, size: int | None) -> None:
        self._text = JsonText(between)
        self._size = size
        self._fed = 0

    def feed(self, data: bytes) -> bytes:
        self._fed += len(data)
        return self._text.feed(data)

    def end(self, _nothing: bytes) -> bytes:
        if self._size is not None and self._fed != self._size:
            raise InvalidReference("the segments are not as long as the reference says")
        return self._text.end()


def _utf8(data: bytes, encoding: Encoding) -> bytes:
    match encoding:
        case "utf-8":
            return data
        case "base64":
            return pybase64.b64encode(data)  # in one copy less than by way of a text
    text: str = decode(data, encoding)
    return text.encode("ascii")
