"""WebDAV with a rename that replaces, in one request."""

from __future__ import annotations

import os
import time
import weakref
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from webdav4.client import ForbiddenOperation, ResourceAlreadyExists, ResourceLocked
from webdav4.fsspec import WebdavFileSystem, translate_exceptions

from .drivers import CONNECT_S, POOL, READ_S


class MovingWebDAV(WebdavFileSystem):  # type: ignore[misc]
    """webdav4's copies and then deletes, so that a reader may see a part of the copy."""

    cachable = False

    @translate_exceptions()  # type: ignore[untyped-decorator]
    def mv(self, path1: str, path2: str, overwrite: bool = True, **options: Any) -> None:
        """Move a file. What it replaces is removed first, by common servers also if the file then turns out missing."""
        for wait_s in (0.05, 0.1, 0.2, 0.4, None):
            try:
                self.client.move(self._strip_protocol(path1), self._strip_protocol(path2), overwrite=overwrite)
            except ResourceLocked:  # by another move
                if wait_s is None:
                    raise
                time.sleep(wait_s)
            except ResourceAlreadyExists as error:
                raise FileExistsError(path2) from error
            except ForbiddenOperation as error:
                if self.exists(path1):
                    raise
                raise FileNotFoundError(path1) from error  # which some servers forbid, instead of not finding it
            else:
                return


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
    filesystem = MovingWebDAV(
        f"{'https' if tls else 'http'}://{host}",
        auth=auth,
        retry=False,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        limits=httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL),
    )
    weakref.finalize(filesystem, filesystem.client.http.close)
    return filesystem
