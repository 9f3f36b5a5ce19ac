"""The Jupyter servers that run on this machine for this user."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from .output import url_text


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, and where its notebooks are. ``host`` is this machine, as members name it."""

    url: str
    root_dir: str
    host: str


def servers_here() -> list[Server]:
    """All that have said so in Jupyter's runtime directory."""
    if not any(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        return []  # as mostly in a shell elsewhere than on the server: the next line takes more than a second
    from jupyter_server.serverapp import list_running_servers

    host = socket.gethostname()
    return [
        Server(url_text(str(each.get("url", ""))), str(each.get("root_dir", "")), host)
        for each in list_running_servers()
    ]
