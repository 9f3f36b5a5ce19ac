"""How questions reach a server: one set of rules for both kinds of client."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from .. import errors
from ..errors import CrdtOutputsError, InvalidRequest, NotAllowed, NotFound, ServerAway
from .servers import running_servers
from .steps import Answer, Ask

URL_VARIABLE = "JUPYTER_SERVER_URL"
TOKEN_VARIABLE = "JUPYTER_TOKEN"  # noqa: S105 - its name

_CONNECT_S = 10.0
_ANSWER_S = 60.0
_HERE = ("127.0.0.1", "::1", "localhost")


def options(url: str | None, token: str | None) -> dict[str, Any]:
    """What an httpx client is made with.

    Args:
        url: of the server; None for that of the environment, or else of the only one that runs here.
        token: None for that of the environment, or else the one that the server has written down.

    Raises:
        ServerAway: there is none, or more than one.
        InvalidRequest: *url* is none.
    """
    url = url or os.environ.get(URL_VARIABLE) or None
    token = token or os.environ.get(TOKEN_VARIABLE) or None
    running = running_servers() if url is None or token is None else []
    if url is None:
        running = [each for each in running if each.notebook is None] or running
        if len(running) != 1:
            known = ", ".join(each.url for each in running) or "none"
            raise ServerAway(f"give the URL of a Jupyter server, or set {URL_VARIABLE}; running here: {known}")
        url = running[0].url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidRequest(f"{url!r:.200} is not the URL of a server")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    if token is None:
        token = next((each.token for each in running if _place(each.url) == _place(base)), "")
    return {
        "base_url": base,
        "headers": {"Authorization": f"token {token}"} if token else {},
        "follow_redirects": True,  # an artifact may be in a bucket; httpx takes the token to no other host
        "trust_env": parts.hostname not in _HERE,  # no proxy stands between this machine and itself
    }


def _place(url: str) -> tuple[str, str, int | None, str]:
    """What tells servers apart: this machine has several names."""
    parts = urlsplit(url)
    host = _HERE[0] if parts.hostname in _HERE else parts.hostname or ""
    return parts.scheme, host, parts.port, parts.path.rstrip("/")


def request(ask: Ask) -> dict[str, Any]:
    """A request as httpx takes it."""
    timeout = httpx.Timeout(_ANSWER_S + ask.wait_s, connect=_CONNECT_S)
    given: dict[str, Any] = {"params": dict(ask.params), "headers": dict(ask.headers), "timeout": timeout}
    if ask.body is not None:
        given["content"] = json.dumps(ask.body).encode()
        given["headers"]["Content-Type"] = "application/json"
    return {"method": ask.method, "url": ask.path, **given}


def received(response: httpx.Response) -> Answer:
    """The answer, unless it is an error.

    Raises:
        NotAllowed: 401 and 403.
        CrdtOutputsError: the one that the server names, in its words; else the nearest.
    """
    status = response.status_code
    if status < 400 or status == 416:
        return Answer(status, response.content, response.headers.get("Content-Type", "").partition(";")[0])
    try:
        said = json.loads(response.content)
    except ValueError:
        said = None
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    message = str(told.get("message") or response.reason_phrase or status)
    if status in (401, 403) and told.get("reason") != NotAllowed.__name__:
        raise NotAllowed(f"the server says {status}: {message}. Give its token, or ask for the right to do this")
    named = getattr(errors, str(told.get("reason", "")), None)
    if isinstance(named, type) and issubclass(named, CrdtOutputsError):
        raise named(message)
    if status == 404 and "crdt-outputs" in response.url.path:
        raise ServerAway(f"the server at {response.url.host}:{response.url.port} has no jupyter-crdt-outputs")
    if status == 404:
        raise NotFound(message)
    raise ServerAway(f"the server says {status}: {message}") if status >= 500 else InvalidRequest(message)


def lost(error: httpx.HTTPError) -> ServerAway:
    """What it means that a request got no answer."""
    try:
        where = f"{error.request.url.host}:{error.request.url.port}"
    except RuntimeError:
        where = "there"
    return ServerAway(f"the Jupyter server at {where} does not answer: {str(error) or type(error).__name__}")
