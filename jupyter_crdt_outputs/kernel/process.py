"""The process behind a kernel, which may die, or be another one after a restart."""

from __future__ import annotations

import asyncio
from typing import Any


class KernelProcess:
    """Tells the lives of a kernel apart. Nobody else does for all of them: a restart by request has no callback.

    Args:
        manager: the kernel's manager.
    """

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self._seen: object = None
        self._is_dead = False

    def was_replaced(self) -> bool:
        """Whether it is another process than when this was last asked; False the first time. Asks nobody."""
        current = self._current()
        if current == self._seen:
            return False
        is_first, self._seen, self._is_dead = self._seen is None, current, False
        return not is_first

    async def has_died(self) -> bool:
        """Whether the process is gone; True once."""
        try:
            alive = self._manager.is_alive()
            is_alive = bool(await alive if asyncio.iscoroutine(alive) or asyncio.isfuture(alive) else alive)
        except Exception:  # a remote provisioner that does not answer says nothing about the kernel
            return False
        was_dead, self._is_dead = self._is_dead, not is_alive
        return self._is_dead and not was_dead

    def is_shut_down(self) -> bool:
        """Whether the server has let go of this kernel for good."""
        kernels = getattr(self._manager, "parent", None)
        if kernels is None:
            return False
        kernel_id = self._manager.kernel_id
        return kernel_id not in kernels or kernels.get_kernel(kernel_id) is not self._manager

    def _current(self) -> object:
        provisioner = getattr(self._manager, "provisioner", None)
        return getattr(provisioner, "pid", None) or id(getattr(provisioner, "process", None))
