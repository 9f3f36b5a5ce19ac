"""The bytes of outputs: one of its parts, or the picture that it shows, no larger than is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ...errors import InvalidRequest, NotFound
from ...model.digest import Digest
from ...model.reference import BundleReference, StreamReference, reference_in
from ...viewing.images import FORMATS
from ...viewing.parts import inline_parts
from ..handler import allowed_to, http_errors
from ..media_types import media_type_of
from ..serving import File, FileHandler
from .named_output import NamesOutput

_MOST_PIXELS = 1 << 16
_MOST_BYTES = 1 << 40


class PartHandler(NamesOutput, FileHandler):
    """The bytes of one part of an output, from the store or from the notebook itself."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """The part, or one range of it."""
        with http_errors():
            await self._answer(await self.file(""), self.request.headers.get("Range"))

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def head(self, name: str = "") -> None:
        """The headers of a GET of the whole."""
        with http_errors():
            await self._answer(await self.file(""), None)

    async def file(self, name: str) -> File:
        """The part of the type that is asked for."""
        mime = self.argument("type")
        if not mime:
            raise InvalidRequest("type is the MIME type of a part")
        output = await self.output()
        return await self.in_thread(self._file, output, mime)

    def _file(self, output: Mapping[str, Any], mime: str) -> File:
        media_type = media_type_of(mime)
        reference = reference_in(output)
        stored = reference.parts.get(mime) if isinstance(reference, BundleReference) else None
        if isinstance(reference, StreamReference) and mime == "text/plain" and len(reference.segments) == 1:
            stored = reference.segments[0]
        if stored is not None:
            digest, store = stored.digest, self.services.store
            read = partial(store.read, digest)
            size = store.size(digest)
            return File(read, size, f'"{digest}"', media_type, digest.hex[:12], False, self.beginning(read, size))
        data = dict(inline_parts(output)).get(mime)
        if data is None:
            raise NotFound(f"this output has no {mime!r:.80}")
        digest = Digest.of(data)
        return File(_reader(data), len(data), f'"{digest}"', media_type, digest.hex[:12], False)


class ImageHandler(PartHandler):
    """The picture that an output shows, no larger than is asked for."""

    async def file(self, name: str) -> File:
        """The picture, as it is or smaller."""
        sides, most = self.integer("max_pixels", 1, _MOST_PIXELS), self.integer("max_bytes", 1, _MOST_BYTES)
        asked = self.argument("type")
        if asked is not None and not asked.startswith("image/"):
            raise InvalidRequest("type is the MIME type of a picture")
        output = await self.output()
        return await self.in_thread(self._picture, output, asked, sides, most)

    def _picture(self, output: Mapping[str, Any], asked: str | None, sides: int | None, most: int | None) -> File:
        mime = asked or _picture_in(output)
        whole = self._file(output, mime)
        if sides is None and (most is None or whole.size <= most):
            return whole
        data, made = self.services.images.fitting(whole.read(0, whole.size), mime, sides, most)
        if made == mime and len(data) == whole.size:
            return whole
        digest = Digest.of(data)
        etag, kind = f'"{digest}"', media_type_of(made)
        return replace(whole, read=_reader(data), size=len(data), etag=etag, media_type=kind, beginning=(0, b""))


def _reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, stop: data[start:stop]


def _picture_in(output: Mapping[str, Any]) -> str:
    """The type of the picture that is best to look at. Raises NotFound."""
    reference = reference_in(output)
    mimes = [mime for mime, _ in inline_parts(output)]
    if isinstance(reference, BundleReference):
        mimes += reference.parts
    for mime in [*FORMATS, *mimes]:
        if mime in mimes and mime.startswith("image/"):
            return mime
    raise NotFound("this output has no picture")
