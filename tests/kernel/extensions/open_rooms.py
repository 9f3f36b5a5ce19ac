"""A server extension for tests: which notebooks are in the server's memory."""

from __future__ import annotations

import gc
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from jupyter_ydoc import YNotebook
from tornado import web


class OpenRooms(APIHandler):
    """``GET``: the ids of the open rooms, how many documents are no garbage, and how much the collector passes over."""

    @web.authenticated
    def get(self) -> None:
        """Answer."""
        assert self.serverapp is not None
        (extension,) = self.serverapp.extension_manager.extension_apps["jupyter_server_ydoc"]
        gc.collect()
        documents = sum(isinstance(each, YNotebook) for each in gc.get_objects())
        rooms = sorted(extension.ywebsocket_server.rooms)
        self.finish({"rooms": rooms, "documents": documents, "frozen": gc.get_freeze_count()})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "open_rooms"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    path = url_path_join(serverapp.web_app.settings["base_url"], "api/test/rooms")
    serverapp.web_app.add_handlers(".*$", [(path, OpenRooms)])
