"""A web server as a store that can be read."""

from __future__ import annotations

import errno
from typing import Any

from fsspec.implementations.http import HTTPFileSystem


class ReadOnlyHTTP(HTTPFileSystem):  # type: ignore[misc]
    """fsspec's, which would send a PUT and call it written, whatever the server makes of that."""

    async def _refuse(self, *arguments: Any, **options: Any) -> None:
        raise OSError(errno.EROFS, "over http a store can only be read")

    _makedirs = _mkdir = _mv = _pipe_file = _put_file = _rm_file = _refuse
