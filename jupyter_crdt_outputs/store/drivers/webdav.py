"""WebDAV with a rename that replaces, in one request."""

from __future__ import annotations

import os
import time
import weakref
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from webdav4.client import ForbiddenOperation, HTTPError, ResourceAlreadyExists
from webdav4.fsspec import WebdavFileSystem, translate_exceptions
from webdav4.http import Client

from .driver import CONNECT_S, POOL, READ_S

_WAITS_S = (0.05, 0.1, 0.2, 0.4, 0.8)


class PatientClient(Client):  # type: ignore[misc]
    """Asks again when something is locked by another request, as servers lock also what is only moved or made."""

    def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        """As the one of httpx. The content must be bytes, which can be sent again."""
        answer: httpx.Response = super().request(method, url, **options)
        for wait_s in _WAITS_S:
            if answer.status_code != httpx.codes.LOCKED:
                break
            time.sleep(wait_s)
            answer = super().request(method, url, **options)
        return answer


class MovingWebDAV(WebdavFileSystem):  # type: ignore[misc]
    """webdav4's copies and then deletes, so that a reader may see a part of the copy."""

    cachable = False

    @translate_exceptions()  # type: ignore[untyped-decorator]
    def mv(self, path1: str, path2: str, overwrite: bool = True, **options: Any) -> None:
        """Move a file. What it replaces is removed first, by common servers also if the file then turns out missing."""
        try:
            self.client.move(self._strip_protocol(path1), self._strip_protocol(path2), overwrite=overwrite)
        except ResourceAlreadyExists as error:
            raise FileExistsError(path2) from error
        except ForbiddenOperation as error:
            if self.exists(path1) and self.exists(self._parent(path2)):
                raise
            raise FileNotFoundError(path1) from error  # which some servers forbid, instead of not finding it

    @translate_exceptions()  # type: ignore[untyped-decorator]
    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        """Write it in one request, with a content that can be sent again."""
        try:
            self.client.request("PUT", self._strip_protocol(path), content=bytes(value)).raise_for_status()
        except HTTPError as error:
            if error.status_code == httpx.codes.CONFLICT:
                raise FileNotFoundError(path) from error  # its folder, that is
            raise


def connect(url: str) -> WebdavFileSystem:
    """The server of *url*, over TLS when its scheme ends in an ``s``.

    User and password are those of the URL, or of the ``.netrc``.
    """
    parts = urlsplit(url)
    tls = parts.scheme.endswith("s")
    host = parts.netloc.rpartition("@")[2]
    auth: Any = None
    if parts.username:
        auth = (unquote(parts.username), unquote(parts.password or ""))
    else:
        try:
            auth = httpx.NetRCAuth(os.environ.get("NETRC"))
        except (OSError, SyntaxError):  # there is none, or one that is not for programs
            auth = None
    address = f"{'https' if tls else 'http'}://{host}"
    client = PatientClient(
        base_url=address,
        auth=auth,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL),
    )
    filesystem = MovingWebDAV(address, http_client=client, retry=False)
    weakref.finalize(filesystem, client.close)
    return filesystem
