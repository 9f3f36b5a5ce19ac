"""A server extension that serves the server's folder with tornado's own handler, to compare with."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web


class FileHandler(JupyterHandler, web.StaticFileHandler):
    """As fast as tornado sends files, to users who are logged in."""

    @web.authenticated
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        await web.StaticFileHandler.get(self, path, include_body)

    def compute_etag(self) -> str | None:
        return web.StaticFileHandler.compute_etag(self)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "benchmarks.static_files"}]


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    pattern = url_path_join(serverapp.web_app.settings["base_url"], r"/benchmarks/static/(.*)")
    handlers = [(pattern, FileHandler, {"path": serverapp.root_dir})]
    serverapp.web_app.add_handlers(".*$", handlers)  # type: ignore[no-untyped-call]
