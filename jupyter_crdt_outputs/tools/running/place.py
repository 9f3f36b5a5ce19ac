"""Where a notebook is run: on the server that has it, or on one of this command's own."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ...client import Client, running_servers, server_of
from ...client.servers import server_path
from ...client.transport import URL_VARIABLE
from ...errors import NotFound, ServerAway
from ..output import warn
from ..typed import typed
from .own_server import OwnServer

_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notebook is run.

    Attributes:
        client: of the server.
        path: of the notebook there.
        is_lasting: whether the server is there afterwards.
    """

    client: Client
    path: str
    is_lasting: bool


@contextmanager
def client_of(options: argparse.Namespace) -> Iterator[Client]:
    """The server that is meant: by an option, by the environment, or the only one that runs here."""
    with Client(options.server, _token(options)) as client:
        yield client


@contextmanager
def place_of(options: argparse.Namespace) -> Iterator[Place]:
    """The server that runs a notebook; one is started for it if none has the file.

    Raises:
        NotFound: there is no such file.
        NotAllowed: a server has it that does not let us; to run it elsewhere would be behind people's backs.
        ServerAway: the server that is meant does not answer, or none could be started.
    """
    if options.server or os.environ.get(URL_VARIABLE):
        with client_of(options) as client:
            yield Place(client, typed(options.notebook.strip("/")), is_lasting=True)
        return
    file = Path(options.notebook).resolve()
    if not file.is_file():
        raise NotFound(f"there is no file {options.notebook}")
    for server, path in server_of(file, running_servers()):
        with Client(server.url, _token(options) or server.token) as client:
            if _runs_cells(client):
                yield Place(client, path, is_lasting=True)
                return
    with OwnServer(file) as server, Client(server.url, server.token) as client:
        yield Place(client, server_path(file.name), is_lasting=False)
        _let_others_end(client)


def _runs_cells(client: Client) -> bool:
    try:
        client.executions(limit=1)
    except ServerAway as error:
        warn(f"not on {_shown(client.url)}, which has this file: {error}")
        return False
    return True


def _let_others_end(client: Client) -> None:
    """Wait for what another command runs on our server."""
    is_told = False
    while any(not each.record.is_finished for each in client.executions(limit=1000)):
        if not is_told:
            warn("another command runs cells of this notebook: waiting for it")
            is_told = True
        time.sleep(_POLL_S)


def _shown(url: str) -> str:
    return urlsplit(url)._replace(query="", fragment="").geturl()


def _token(options: argparse.Namespace) -> str | None:
    return options.token_file.read_text("utf-8").strip() if options.token_file else None
