"""The text of a stream as one file."""

from __future__ import annotations

from ..media_types import media_type_of
from ..serving import File, FileHandler
from .named_stream import StreamHandler

_TEXT = media_type_of("text/plain")


class TextHandler(FileHandler, StreamHandler):
    """The text as one file: of a log, what it holds at the time of the question."""

    async def file(self, name: str) -> File:
        """The stream of this id."""
        stream = await self.stream(name)
        etag = f'"{name}"' if stream.log is None else f'"{name}.{stream.revision}"'
        return File(stream.view.read, stream.view.size, etag, _TEXT, name[:12], stream.log is None)
