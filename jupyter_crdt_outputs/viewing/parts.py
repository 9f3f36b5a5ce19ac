"""The parts of an output that there are to fetch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..model.digest import Digest
from ..model.encoding import encode
from ..model.offload import dimensions
from ..model.reference import BundleReference, ErrorReference, Part, Reference, StreamReference
from ..model.views import PartView
from .given import short
from .values import values_of


def inline_parts(output: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What stands in an output itself: MIME types, and bytes as an artifact would have them."""
    for mime, value in values_of(output).items():
        try:
            yield mime, encode(mime, value)[0]
        except (ValueError, TypeError, RecursionError):
            continue


def parts_besides(
    output: Mapping[str, Any], reference: Reference | None, shown: str | None, *, is_whole: bool
) -> Iterator[PartView]:
    """What there is to fetch besides what is shown already.

    Args:
        output: of nbformat; anything may be given.
        reference: that it holds.
        shown: the MIME type of the text that is shown; None for none.
        is_whole: whether all of that text is.
    """
    seen = shown if is_whole else None
    match reference:
        case BundleReference(parts=parts):
            yield from (_part(mime, part) for mime, part in parts.items() if short(mime) == mime)
        case StreamReference(segments=(part,)) if not is_whole:
            yield _part("text/plain", part)
        case ErrorReference(part=part) if not is_whole:
            yield _part("application/json", part)
    if output.get("output_type") in ("stream", "error"):
        return
    for mime, data in inline_parts(output):
        if mime not in (seen, "text/plain") and short(mime) == mime:
            width, height = dimensions(data) if mime.startswith("image/") else (None, None)
            yield PartView(mime, len(data), Digest.of(data).hex, width, height, inline=True)


def _part(mime: str, part: Part) -> PartView:
    return PartView(mime, part.size, part.digest.hex, part.width, part.height)
