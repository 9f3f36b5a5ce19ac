"""``mcp``: notebooks for AI agents."""

from __future__ import annotations

import argparse

from .refused import Refused

_LOOPBACK = "127.0.0.1"


def serve(options: argparse.Namespace) -> int:
    """Serve the Model Context Protocol until the client has left, or until somebody ends it."""
    try:
        import mcp.server.mcpserver  # noqa: F401
    except ImportError as error:
        raise Refused("for agents, install the MCP SDK: pip install 'jupyter-crdt-outputs[mcp]'") from error
    from ..agents.clients import Clients
    from ..agents.server import make

    token = options.token_file.read_text("utf-8").strip() if options.token_file else None
    if options.http is None:
        make(Clients(options.server, token)).run("stdio")
    else:
        make(Clients(options.server, token, own_token=False)).run("streamable-http", host=_LOOPBACK, port=options.http)
    return 0
