"""The text of one restored output, of which no more than a slice is in memory."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..errors import InvalidReference, LogMissing
from ..model.digest import Digest
from ..model.encoding import Encoding, decode
from ..model.reference import (
    BundleReference,
    LogReference,
    LongStreamReference,
    Part,
    Reference,
    StreamReference,
    reference_in,
)
from ..model.restore import restore, restore_bundle
from ..model.segments import from_index
from ..store import ArtifactStore
from .ahead import Fetch
from .json_text import JsonText
from .pieces import text_of

_SLICE_BYTES = 57 * 3 << 15
"""Of 5.6 MB. Whole groups of base64, and whole lines of it."""

_TIMES = {"base64": 4, "base64-lf": 5, "base64-mime": 5, "utf-8": 2, "json": 12}
"""How many times its size an artifact takes in memory until it is written."""

SizeOf = Callable[[Digest], int]


class OutputText:
    """What nbformat writes for the original of an output, in pieces that are yet to be read.

    Args:
        output: has a reference.
        store: has the original.
        size_of: the true sizes of artifacts, which a reference may be wrong about.
    """

    def __init__(self, output: Mapping[str, Any], store: ArtifactStore, size_of: SizeOf) -> None:
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
                yield from holes.filled(skeleton, self._fetches)
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

    def _stream(self, name: str, segments: Iterable[Digest], size: int | None) -> Iterator[bytes | Fetch]:
        holes = _Holes()
        skeleton = {"output_type": "stream", "name": name, "text": holes.place("utf-8", segments, size)}
        return holes.filled(skeleton, self._fetches)

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
        self._texts: list[tuple[Encoding, Iterable[Digest], int | None]] = []

    def place(self, encoding: Encoding, artifacts: Iterable[Digest], size: int | None = None) -> str:
        """What stands for a text: the values of *artifacts*, one after another, *size* bytes in all if that is known."""
        self._texts.append((encoding, artifacts, size))
        return f"{self._token}:{len(self._texts) - 1}"

    def filled(
        self, output: Mapping[str, Any], fetches: Callable[[Digest, Encoding], Iterator[Fetch]]
    ) -> Iterator[bytes | Fetch]:
        """The text of *output*, which has such places."""
        place = rb'(\[(\n +))?"' + self._token.encode() + rb':(\d+)"(\n +\])?'
        text, at = text_of(output), 0
        for found in re.finditer(place, text):
            yield text[at : found.start()]
            encoding, artifacts, size = self._texts[int(found[3])]
            string = _String(found[1] or b"", found[2] or b"", found[4] or b"", size)
            for digest in artifacts:
                for fetch in fetches(digest, encoding):
                    then = string.feed_ascii if encoding == "base64" else string.feed
                    yield Fetch(fetch.size, fetch.read, then)
            yield Fetch(0, bytes, string.end)
            at = found.end()
        yield text[at:]


class _String:
    """A JSON string, or list of lines, that comes in pieces.

    Args:
        opening: bracket of a list; empty for a string.
        indent: newline and spaces before each line of a list.
        closing: of the list.
        size: bytes of UTF-8 there must be; None for any.
    """

    def __init__(self, opening: bytes, indent: bytes, closing: bytes, size: int | None) -> None:
        self._text = JsonText(b'",' + indent + b'"' if opening else b"")
        self._opening = opening + b'"'
        self._closing = b'"' + closing
        self._nothing = b"[]" if opening else b'""'
        self._size = size
        self._fed = 0

    def feed(self, data: bytes) -> bytes:
        return self._opened(data) + self._text.feed(data)

    def feed_ascii(self, data: bytes) -> bytes:
        """The same for base64, of which nothing is to be escaped and no line ends."""
        opening = self._opened(data)
        return opening + data if opening else data

    def end(self, _nothing: bytes) -> bytes:
        if self._size is not None and self._fed != self._size:
            raise InvalidReference("the segments are not as long as the reference says")
        return self._text.end() + self._closing if self._fed else self._nothing

    def _opened(self, data: bytes) -> bytes:
        opening = b"" if self._fed or not data else self._opening
        self._fed += len(data)
        return opening


def _utf8(data: bytes, encoding: Encoding) -> bytes:
    if encoding == "utf-8":
        return data
    text: str = decode(data, encoding)
    return text.encode("ascii")
