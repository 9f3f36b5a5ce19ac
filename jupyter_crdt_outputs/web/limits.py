"""How large an output may be to be in a notebook's file: ``GET api/crdt-outputs/limit?path=<path of the notebook>``."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import url_path_join
from tornado import web

from ..files import FileLimits
from .handler import CrdtOutputsHandler, allowed_to

_LONGEST_PATH = 4096


def handlers(limits: FileLimits, base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The route that tells *limits*, as ``add_handlers`` of tornado takes it."""
    return [(url_path_join(base_url, r"api/crdt-outputs/limit"), LimitHandler, {"limits": limits})]


class LimitHandler(CrdtOutputsHandler):
    """What the server and its folders say, to a user who may read outputs. A notebook may say otherwise."""

    def initialize(self, limits: FileLimits) -> None:
        """Take what the route was registered with."""
        self._limits = limits

    @allowed_to("read")
    async def get(self) -> None:
        """``{"file_max_bytes": <bytes, or null for no limit>}``."""
        path = self.get_query_argument("path")
        if len(path) > _LONGEST_PATH:
            raise web.HTTPError(400, "the path is too long")
        await self.tell({"file_max_bytes": self._limits.of(path, {})})
