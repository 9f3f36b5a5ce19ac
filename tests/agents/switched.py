"""An authorizer that refuses what a file in the server's root lists, so that one server shows every case."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import JupyterHandler

NAME = "refused.txt"


class Switched(Authorizer):
    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        file = Path(handler.settings["server_root_dir"]).expanduser() / NAME
        return not file.exists() or f"{action}:{resource}" not in file.read_text().split()
