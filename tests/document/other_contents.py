"""A contents manager of another storage, as far as this package can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class OtherContents(AsyncLargeFileManager):
    """Writes notebooks in a form of its own, so it must be given them whole."""

    async def _save_notebook(self, os_path: str, nb: Any, capture_validation_error: Any = None) -> None:
        Path(os_path).write_text(json.dumps(nb))  # nbformat would have indented it


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.document.other_contents"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    serverapp.contents_manager = serverapp.web_app.settings["contents_manager"] = OtherContents(parent=serverapp)
