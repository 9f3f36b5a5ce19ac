"""A web server as a store that can be read."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from fsspec.implementations.http import HTTPFileSystem

_AT_ONCE = 16
_PARTIAL, _UNSATISFIABLE = 206, 416


class ReadOnlyHTTP(HTTPFileSystem):  # type: ignore[misc]
    """fsspec's, which would send a PUT and call it written, whatever the server makes of that.

    It also takes a whole file for the range that a server did not understand, and lists names without sizes.
    """

    async def _cat_file(self, url: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        session = await self.set_session()
        span = f"bytes={start or 0}-{'' if end is None else end - 1}"
        async with session.get(self.encode_url(url), headers={"Range": span}) as answer:
            if answer.status == _UNSATISFIABLE:
                raise OSError(errno.EINVAL, "there is nothing in that range")
            self._raise_not_found_for_status(answer, url)
            data: bytes = await answer.read()
        return data if answer.status == _PARTIAL else data[start:end]

    async def _ls(self, url: str, detail: bool = True, **options: Any) -> Any:
        """The links of the page that a folder is shown as. One more request for each file, since pages tell no size."""
        found = await self._ls_real(f"{url.rstrip('/')}/", detail=True)
        places = asyncio.Semaphore(_AT_ONCE)

        async def complete(info: dict[str, Any]) -> dict[str, Any]:
            if info["type"] == "directory":
                return info
            async with places:
                return {**await self._info(info["name"]), "type": "file"}

        plain = [info for info in found if "?" not in info["name"] and "#" not in info["name"]]
        infos = await asyncio.gather(*map(complete, plain))
        return list(infos) if detail else [info["name"] for info in infos]

    async def _refuse(self, *arguments: Any, **options: Any) -> None:
        raise OSError(errno.EROFS, "over http a store can only be read")

    _makedirs = _mkdir = _mv = _pipe_file = _put_file = _rm_file = _refuse
