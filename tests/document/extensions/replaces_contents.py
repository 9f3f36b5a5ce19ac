"""A server extension for tests: puts another contents manager in the place of the server's, as jupytext does."""

from __future__ import annotations

from typing import Any

from tests.document.other_contents import OtherContents


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "replaces_contents"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    serverapp.contents_manager = OtherContents(parent=serverapp, log=serverapp.log)
    serverapp.session_manager.contents_manager = serverapp.contents_manager
    serverapp.web_app.settings["contents_manager"] = serverapp.contents_manager
