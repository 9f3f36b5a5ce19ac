"""Letting a server say what it uses: ``POST api/crdt-outputs/mark``, before somebody collects from outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.utils import url_path_join

from .handler import CrdtOutputsHandler, allowed_to, http_errors


def handlers(mark: Callable[[], Awaitable[None]], base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], Any]]:
    """The route that calls *mark*, as ``add_handlers`` of tornado takes it."""
    return [(url_path_join(base_url, r"api/crdt-outputs/mark"), MarkHandler, {"mark": mark})]


class MarkHandler(CrdtOutputsHandler):
    """Writes down in the store what this server reaches, for a user who may write outputs."""

    def initialize(self, mark: Callable[[], Awaitable[None]]) -> None:
        """Take what the route was registered with."""
        self._mark = mark

    @allowed_to("write")
    async def post(self) -> None:
        """204 when it is written; an error means that nothing newer than the mark before is collected."""
        with http_errors():
            await self._mark()
        self.set_status(204)
        await self.finish()
