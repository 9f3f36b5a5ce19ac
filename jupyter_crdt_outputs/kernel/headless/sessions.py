"""The kernel of a notebook: the one that browsers use, or a new one that they will."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ...errors import KernelUnavailable, NotFound, NotNow
from ..records import KernelSpec


class Sessions:
    """jupyter_server's sessions, of which a notebook has one, by its path.

    Args:
        sessions: its session manager.
        kernels: its kernel manager.
        specs: its kernelspec manager.
    """

    def __init__(self, sessions: Any, kernels: Any, specs: Any) -> None:
        self._sessions = sessions
        self._kernels = kernels
        self._specs = specs
        self._starting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[str, KernelSpec] = {}

    async def kernel_of(self, path: str) -> str | None:
        """The id of the kernel that a notebook has, if it has one."""
        try:
            session = await self._sessions.get_session(path=path)
        except HTTPError:
            return None
        return str(session["kernel"]["id"])

    async def follow(self, kernel_id: str, path: str, file_id_of: Callable[[str], str | None]) -> bool:
        """Give the session of a kernel to the notebook at *path*, if there is no file any more where it was.

        A session knows its notebook by the path alone, and browsers tell it of a new one, when there are any.

        Args:
            kernel_id: of the kernel on which the notebook ran.
            path: where the notebook is now.
            file_id_of: gives the id of the file at a path.
        """
        for session in await self._sessions.list_sessions():
            if session["kernel"]["id"] == kernel_id and file_id_of(session["path"]) is None:
                name = PurePosixPath(path).name
                await self._sessions.update_session(session["id"], path=path, name=name)
                return True
        return False

    async def start(self, path: str, name: str | None, env: Mapping[str, str] | None = None) -> str:
        """Start a kernel for a notebook that has none, and return its id; browsers that open it later get the same.

        Args:
            path: of the notebook.
            name: of the kernelspec; None for the server's default.
            env: variables for its environment, beside those that all kernels get.

        Raises:
            NotFound: there is no such kernelspec.
            KernelUnavailable: it does not start.
            NotNow: another request has started it meanwhile, without these variables.
        """
        name = name or str(self._kernels.default_kernel_name)
        try:
            self._specs.get_kernel_spec(name)
        except (NoSuchKernel, ValueError) as error:
            raise NotFound(f"there is no kernel {name!r:.80} on this server") from error
        async with self._starting[path]:
            kernel_id = await self.kernel_of(path)  # another request may have been quicker
            if kernel_id is None:
                try:
                    session = await self._sessions.create_session(
                        path=path,
                        name=PurePosixPath(path).name,
                        type="notebook",
                        kernel_name=name,
                        kernel_id=await self._kernel_with(path, name, env) if env else None,
                    )
                    kernel_id = str(session["kernel"]["id"])
                    await self._ready(kernel_id)
                except Exception as error:
                    raise KernelUnavailable(f"the kernel {name} did not start: {error}") from error
            elif env:
                raise NotNow("this notebook has a kernel meanwhile, with another environment")
        return kernel_id

    async def _kernel_with(self, path: str, name: str, env: Mapping[str, str]) -> str:
        """Start a kernel as a session does, with more in its environment."""
        folder = await ensure_async(self._sessions.contents_manager.get_kernel_path(path=path))
        usual = self._sessions.get_kernel_env(path, PurePosixPath(path).name)
        return str(await self._kernels.start_kernel(path=folder, kernel_name=name, env={**usual, **env}))

    def manager_of(self, kernel_id: str) -> Any:
        """The manager of a running kernel. Raises :class:`NotFound`, and KernelUnavailable behind a gateway."""
        if kernel_id not in self._kernels:
            raise NotFound(f"there is no kernel {kernel_id!r:.80}")
        manager = self._kernels.get_kernel(kernel_id)
        if not hasattr(manager, "connect_shell"):
            raise KernelUnavailable("this server reaches its kernels through another one, and cannot run cells itself")
        return manager

    def spec_of(self, kernel_id: str) -> KernelSpec:
        """What the kernel's kernelspec says; empty where that is not known."""
        manager = self._kernels.get_kernel(kernel_id) if kernel_id in self._kernels else None
        name = str(getattr(manager, "kernel_name", ""))
        if name not in self._known:
            try:
                spec = self._specs.get_kernel_spec(name)
            except (NoSuchKernel, ValueError):
                return KernelSpec(name, name, "")
            self._known[name] = KernelSpec(name, str(spec.display_name), str(spec.language))
        return self._known[name]

    async def _ready(self, kernel_id: str) -> None:
        """Wait until the kernel's process runs."""
        ready = getattr(self._kernels.get_kernel(kernel_id), "ready", None)
        if ready is not None:
            await (ready if isinstance(ready, asyncio.Future) else asyncio.wrap_future(ready))
