"""Making pictures smaller, which are hostile input, with Pillow."""

from __future__ import annotations

import io
from typing import Any

MAX_SOURCE_BYTES = 1 << 26
MAX_SOURCE_PIXELS = 1 << 25
"""Of a picture that is looked at: decoded, it takes four bytes a pixel. A small file may hold a huge picture."""


def check_pillow() -> None:
    """Raise ImportError unless Pillow is installed."""
    import PIL.Image  # here, since few servers need it
    import PIL.ImageOps  # noqa: F401


def scaled(data: bytes, form: str, side: int, *, written_as: str | None = None, few_colours: bool = True) -> bytes:
    """The picture with its longer side of *side* pixels at most. Blocks, and holds the picture decoded.

    Args:
        data: the picture.
        form: what Pillow calls its format; no other is tried.
        side: in pixels.
        written_as: ``PNG`` or ``JPEG``; None for *form*.
        few_colours: whether a PNG is to have no more than 256 colours.

    Raises:
        ValueError: it has more than :data:`MAX_SOURCE_PIXELS`.
        Exception: whatever Pillow raises for what is no such picture.
    """
    from PIL import Image, ImageOps

    written_as = written_as or form
    with Image.open(io.BytesIO(data), formats=[form]) as opened:
        if opened.width * opened.height > MAX_SOURCE_PIXELS:
            raise ValueError(f"{opened.width} by {opened.height} pixels")
        if form == "JPEG":
            opened.draft("RGB", (side, side))  # reads no more of it than is needed
        picture: Any = ImageOps.exif_transpose(opened)
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha and written_as == "PNG" else "RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    if written_as == "PNG" and few_colours:
        picture = picture.quantize(method=Image.Quantize.FASTOCTREE)  # a third of the bytes, and knows alpha
    picture.info.clear()  # nothing of where it was taken
    written = io.BytesIO()
    picture.save(written, written_as, optimize=True, **({"quality": 80} if written_as == "JPEG" else {}))
    return written.getvalue()
