"""The description of our HTTP interface, for programs: ``GET api/crdt-outputs/openapi.json``, OpenAPI 3.1."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jupyter_server.utils import url_path_join

from .handler import CrdtOutputsHandler, allowed_to


def handlers(base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The route below *base_url*, as ``add_handlers`` of tornado takes it."""
    return [(url_path_join(base_url, r"api/crdt-outputs/openapi\.json"), OpenApiHandler, {})]


@cache
def document() -> dict[str, Any]:
    """The description, its one server at no address in particular."""
    text = files(__package__).joinpath("openapi.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


class OpenApiHandler(CrdtOutputsHandler):
    """The description, to a user who may read outputs."""

    @allowed_to("read")
    async def get(self) -> None:
        """With the address of this server in it."""
        address = url_path_join(self.base_url, "api/crdt-outputs")
        await self.tell(document() | {"servers": [{"url": address}]})
