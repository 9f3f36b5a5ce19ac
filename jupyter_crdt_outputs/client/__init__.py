"""Running notebooks on a Jupyter server from Python, and reading what they put out: ``Client`` and ``AsyncClient``."""

from .clients import AsyncClient, Client
from .events import Asked, Changed, Cleared, Ended, Event, Shown, Text
from .servers import RunningServer, running_servers, server_of

__all__ = [
    "Asked",
    "AsyncClient",
    "Changed",
    "Cleared",
    "Client",
    "Ended",
    "Event",
    "RunningServer",
    "Shown",
    "Text",
    "running_servers",
    "server_of",
]
