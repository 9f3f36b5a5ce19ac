"""The Jupyter servers that run on this machine for this user."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from .output import url_text

_MARK_S = 600.0  # it may have a million files to look through
# Never through a proxy that the environment may name: these servers are on this machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, and where its notebooks are. ``host`` is this machine, as members name it."""

    url: str
    root_dir: str
    host: str
    _api: str = ""
    _token: str = field(default="", repr=False)

    def mark(self) -> str:
        """Have it say in its store what it uses. Returns why it did not; nothing when it did."""
        headers = {"Authorization": f"token {self._token}"} if self._token else {}
        request = urllib.request.Request(self._api, data=b"", headers=headers, method="POST")  # noqa: S310 - its own
        try:
            with _DIRECT.open(request, timeout=_MARK_S):
                return ""
        except urllib.error.HTTPError as error:
            with suppress(ValueError, TypeError, KeyError):
                return str(json.loads(error.read())["message"])
            return f"it answers {error.code} {error.reason}"
        except OSError as error:
            return str(error)


def servers_here() -> list[Server]:
    """All that have said so in Jupyter's runtime directory."""
    if not any(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        return []  # as mostly in a shell elsewhere than on the server: the next line takes more than a second
    from jupyter_server.serverapp import list_running_servers

    host = socket.gethostname()
    return [
        Server(
            url_text(str(each.get("url", ""))),
            str(each.get("root_dir", "")),
            host,
            f"{str(each.get('url', '')).rstrip('/')}/api/crdt-outputs/mark",
            str(each.get("token", "")),
        )
        for each in list_running_servers()
    ]
