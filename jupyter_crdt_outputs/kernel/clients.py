"""The kernel clients of a server: browsers' websockets, by the session id that their requests bear."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple, Protocol

from ..document.announcements import Announcements


class Connection(Protocol):
    """A client's websocket."""

    def tell_idle(self, request_id: str) -> None:
        """Say that the kernel is done with a request."""


class _Client(NamedTuple):
    connection: Connection
    user: str


class Clients:
    """Who is connected, whose that is, and which document it sees.

    Args:
        announcements: which clients see which documents.
        log: for what no user can do anything about.
    """

    def __init__(self, announcements: Announcements, log: logging.Logger) -> None:
        self._announcements = announcements
        self._log = log
        self._clients: dict[str, _Client] = {}

    def connected(self, client: str, connection: Connection, user: str) -> None:
        """A client's websocket is open, which belongs to the user of this name."""
        self._clients[client] = _Client(connection, user)

    def disconnected(self, client: str, connection: Connection) -> bool:
        """A client's websocket is closed. False if a newer one of the same client is there already."""
        present = self._clients.get(client)
        if present is None or present.connection is not connection:
            return False
        del self._clients[client]
        return True

    def is_connected(self, client: str) -> bool:
        """Whether the client's websocket is open."""
        return client in self._clients

    def user_of(self, client: str) -> str:
        """The name of the client's user, as the server knows it; empty if it knows none."""
        present = self._clients.get(client)
        return "" if present is None else present.user

    def document_of(self, client: str) -> Any | None:
        """The document that the client has said it sees."""
        return self._announcements.document_of(client)

    def tell_idle(self, client: str, request_id: str) -> None:
        """Tell a client that the kernel is done with its request, as the kernel's own lost message would have."""
        present = self._clients.get(client)
        try:
            if present is not None:
                present.connection.tell_idle(request_id)
        except Exception:
            self._log.exception("a browser could not be told that its cell has ended")
