"""Lines of an output's text, and what is found in it, whether it is long or short."""

from __future__ import annotations

from ...model.plain_text import plain
from ..handler import allowed_to, http_errors
from ..streams.lines import LinesHandler
from ..streams.named_stream import WAIT_S, Stream
from ..streams.search import SearchHandler
from .named_output import NamesOutput


class OutputLinesHandler(NamesOutput, LinesHandler):
    """Some lines of an output's text, whether it is long or short."""

    initialize = NamesOutput.initialize  # type: ignore[assignment]

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """As :class:`LinesHandler`, without escapes unless ``ansi=1`` asks for them."""
        with http_errors():
            after = self.argument("after")
            text = await self.text()
            if text.log is not None and after == str(text.revision):
                await text.log.changed(text.revision, WAIT_S)
                text = await self.text()
            stream = Stream(await self.in_thread(text.view), text.log, text.revision)
            found = await self.in_thread(self._find, stream.view)
            if not self.flag("ansi"):
                found.lines = await self.in_thread(lambda: [plain(line) for line in found.lines])
        await self._tell(stream, found)


class OutputSearchHandler(NamesOutput, SearchHandler):
    """What is found in an output's text, whether it is long or short."""

    initialize = NamesOutput.initialize  # type: ignore[assignment]

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, name: str = "") -> None:
        """As :class:`SearchHandler`."""
        with http_errors():
            search = self._search()
            text = await self.text()
            stream = Stream(await self.in_thread(text.view), text.log, text.revision)
        await self._run(search, stream)
