"""Which media types an artifact may be served as: a stored page must never run with the rights of our origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaType:
    """How an artifact is served.

    Attributes:
        content_type: the whole Content-Type header.
        inline: whether a browser may show it when it is opened on its own. Where a page loads it, by an ``<img>`` or
            a ``fetch``, this plays no part.
        extension: of the file that a download makes, with its dot.
    """

    content_type: str
    inline: bool
    extension: str

    def disposition(self, name: str, *, download: bool) -> str:
        """The whole Content-Disposition header."""
        if self.inline and not download:
            return "inline"
        return f'attachment; filename="{name}{self.extension}"'


_UNKNOWN = MediaType("application/octet-stream", inline=False, extension=".bin")

_INERT = {
    "application/json": ".json",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/latex": ".tex",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/ogg": ".ogv",
    "video/webm": ".webm",
}

# These can hold scripts, so a browser that is sent to one on its own must save it and not open it.
_ACTIVE = {
    "application/javascript": ".js",
    "application/pdf": ".pdf",
    "application/xhtml+xml": ".xhtml",
    "application/xml": ".xml",
    "image/svg+xml": ".svg",
    "text/html": ".html",
    "text/javascript": ".js",
    "text/xml": ".xml",
}


def media_type_of(asked: str) -> MediaType:
    """How to serve an artifact that a reference calls *asked*, which may be anything.

    Nothing of *asked* is copied into the answer: a type that is not listed here is served as bytes to save. Every
    ``+json`` type is JSON.
    """
    name = asked.partition(";")[0].strip().lower()
    if name.endswith("+json"):
        name = "application/json"
    charset = "; charset=utf-8" if name.startswith("text/") else ""
    if name in _INERT:
        return MediaType(name + charset, inline=True, extension=_INERT[name])
    if name in _ACTIVE:
        return MediaType(name + charset, inline=False, extension=_ACTIVE[name])
    return _UNKNOWN
