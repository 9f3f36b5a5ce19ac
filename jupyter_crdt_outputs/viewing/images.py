"""Pictures no larger than somebody wants them."""

from __future__ import annotations

import threading

from ..errors import ImageTooLarge
from ..files.pictures import MAX_SOURCE_BYTES, check_pillow, scaled
from ..model.digest import Digest
from ..model.offload import dimensions
from ..store.recent import Recent

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
}
"""What can be made smaller, the most wanted first, and what Pillow calls it."""

_REMEMBERED = 64
_REMEMBERED_BYTES = 1 << 20
_LEAST_SIDE = 16
_SMALLER = 0.7

Picture = tuple[bytes, str]


class Images:
    """Makes pictures smaller, and remembers some that were. One at a time is decoded: each may take 128 MiB."""

    def __init__(self) -> None:
        self._made: Recent[tuple[Digest, int | None, int | None], Picture] = Recent(_REMEMBERED)
        self._one_at_a_time = threading.Lock()

    def fitting(self, data: bytes, mime: str, max_pixels: int | None, max_bytes: int | None) -> Picture:
        """The picture itself if it fits, else a smaller one, and its MIME type. Blocks.

        Args:
            data: the picture.
            mime: its type.
            max_pixels: of the longer side; None for any.
            max_bytes: None for any.

        Raises:
            ImageTooLarge: it does not fit, and cannot be made to.
        """
        width, height = dimensions(data)
        longer = max(width or 0, height or 0)
        is_small = max_pixels is None or (mime in FORMATS and 0 < longer <= max_pixels) or mime == "image/svg+xml"
        if is_small and (max_bytes is None or len(data) <= max_bytes):
            return data, mime
        key = Digest.of(data), max_pixels, max_bytes
        with self._one_at_a_time:
            made = self._made.get(key)
            if made is None:
                made = self._made_smaller(data, mime, min(max_pixels or longer, longer or max_pixels or 0), max_bytes)
                if len(made[0]) <= _REMEMBERED_BYTES:
                    self._made.put(key, made)
        return made

    def _made_smaller(self, data: bytes, mime: str, side: int, max_bytes: int | None) -> Picture:
        form = FORMATS.get(mime)
        if form is None or len(data) > MAX_SOURCE_BYTES:
            raise ImageTooLarge(f"this {mime} of {len(data):,} bytes cannot be made smaller; ask for all of it")
        try:
            check_pillow()
        except ImportError as error:
            raise ImageTooLarge(
                "to make pictures smaller, this server needs Pillow: pip install 'jupyter-crdt-outputs[thumbnails]'"
            ) from error
        written_as = "JPEG" if form == "JPEG" else "PNG"
        try:
            while side >= _LEAST_SIDE or max_bytes is None:
                for few_colours in (False, True) if written_as == "PNG" and max_bytes else (False,):
                    made = scaled(data, form, max(1, side), written_as=written_as, few_colours=few_colours)
                    if max_bytes is None or len(made) <= max_bytes:
                        return made, f"image/{written_as.lower()}"
                side = int(side * _SMALLER)
        except Exception as error:  # the picture is hostile input
            raise ImageTooLarge(f"this picture cannot be made smaller: {error!s:.200}") from error
        raise ImageTooLarge(f"this picture does not fit into {max_bytes:,} bytes at any size")
