"""A contents manager on which some files are read-only, also for a user whom no permission bits stop."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class Locking(AsyncLargeFileManager):
    """As the usual one."""

    async def get(self, path: str, *args: Any, **kwargs: Any) -> Any:
        model = await super().get(path, *args, **kwargs)  # type: ignore[no-untyped-call]
        return model | {"writable": "locked" not in path}
