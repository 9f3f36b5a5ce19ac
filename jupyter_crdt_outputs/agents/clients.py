"""Which Jupyter server an agent works on, and as whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError

from ..client import AsyncClient
from ..client.own_name import own_name
from ..errors import CrdtOutputsError, NotAllowed, ServerAway

_MOST = 100


class Clients:
    """Clients of one Jupyter server, made when they are needed: the server may be started after the agent.

    Args:
        url: of the server; None for that of the environment, or else the only one that runs here.
        token: likewise.
        own_token: whether all who ask do so as the user whose token that is; else each shows a token of their own,
            as ``Authorization: Bearer …``.

    Attributes:
        name: what to say that whoever runs cells is called.
    """

    def __init__(self, url: str | None, token: str | None, *, own_token: bool = True) -> None:
        self._url = url
        self._token = token
        self._own_token = own_token
        user = own_name() if own_token else None  # else they are anybody's
        self.name = "AI agent" if user is None else f"AI agent of {user}"
        self._clients: dict[str, AsyncClient] = {}

    @asynccontextmanager
    async def of(
        self, context: Context[Any, Any], error_class: type[MCPServerError] = ToolError
    ) -> AsyncIterator[AsyncClient]:
        """The client for a request. Errors of this package raised inside become *error_class*, in the same words."""
        key = ""
        try:
            key = "" if self._own_token else _token_of(context)
            if key not in self._clients:
                await self._make_room()
                self._clients[key] = AsyncClient(self._url, key or self._token)
            yield self._clients[key]
        except CrdtOutputsError as error:
            if isinstance(error, ServerAway) and self._url is None:
                self._clients.pop(key, None)  # it may come back at another address
            raise error_class(str(error)) from error

    async def close(self) -> None:
        """Close all connections."""
        while self._clients:
            await self._clients.popitem()[1].close()

    async def _make_room(self) -> None:
        if len(self._clients) >= _MOST:
            oldest = next(iter(self._clients))
            await self._clients.pop(oldest).close()


def _token_of(context: Context[Any, Any]) -> str:
    scheme, _, token = (context.headers or {}).get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or not token.strip():
        raise NotAllowed("show your token for the Jupyter server, in the header Authorization: Bearer …")
    return token.strip()
