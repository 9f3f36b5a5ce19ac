"""Clients that are refused some rights, on a server with the authorizer ``refusing.Refusing``."""

from __future__ import annotations

import httpx

from jupyter_crdt_outputs.testing.server import LabServer


def client_of(route: str, server: LabServer, refused: str = "") -> httpx.Client:
    """A client of what is below a route.

    Args:
        route: below ``api/crdt-outputs/``.
        server: where it is.
        refused: rights that it has not, such as ``read:contents``, with spaces between them.
    """
    headers = {**server.headers, "X-Test-Refused": refused}
    return httpx.Client(base_url=f"{server.url}api/crdt-outputs/{route}", headers=headers, trust_env=False, timeout=60)
