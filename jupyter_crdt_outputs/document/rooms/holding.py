"""Keeping rooms open that no browser is in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .history import History
from .room import Room


class _Hold:
    """A member of ``room.clients`` that keeps the room from being evicted and hears nothing."""

    path = "jupyter-crdt-outputs"

    async def send(self, message: bytes) -> None:
        return None


class Holds:
    """What keeps rooms open.

    Args:
        find_extension: gives the running ``YDocExtension``.
    """

    def __init__(self, find_extension: Callable[[], Any]) -> None:
        self._find_extension = find_extension
        self._held: dict[str, int] = {}
        self._hold = _Hold()

    def hold(self, room: Room) -> Callable[[], None]:
        """Keep a notebook open with no browser left; returns how to let it go, after which it closes as usual.

        May be called many times; each hold is let go on its own, and only once.
        """
        room_id: str = room.room_id
        upstream: Any = room.upstream
        self._held[room_id] = self._held.get(room_id, 0) + 1
        upstream.clients.add(self._hold)
        if upstream.cleaner is not None:
            upstream.cleaner.cancel()
        held: list[Room] = [room]

        def release() -> None:
            if held:
                self._release(held.pop())

        return release

    def _release(self, room: Room) -> None:
        room_id: str = room.room_id
        upstream: Any = room.upstream
        self._held[room_id] -= 1
        if self._held[room_id]:
            return
        del self._held[room_id]
        upstream.clients.discard(self._hold)
        if room.is_deserted and self._rooms.get(room_id) is upstream:
            room.upstream.cleaner = asyncio.get_running_loop().create_task(self._close_later(room_id, upstream))

    async def _close_later(self, room_id: str, upstream: Any) -> None:
        """What the last browser's leaving would have done, had the room not been held."""
        extension = self._find_extension()
        delay = extension.document_cleanup_delay
        if delay is None:
            return
        await asyncio.sleep(delay)
        async with extension._room_locks[room_id]:
            await History(upstream).written()
            if upstream.clients or self._rooms.get(room_id) is not upstream:
                return
            await extension.ywebsocket_server.delete_room(room=upstream)
            loaders = extension.file_loaders
            file_id = room_id.split(":", 2)[2]
            if file_id in loaders and loaders[file_id].number_of_subscriptions == 0:
                await loaders.remove(file_id)
            extension._room_locks.pop(room_id, None)

    @property
    def _rooms(self) -> dict[str, Any]:
        rooms: dict[str, Any] = self._find_extension().ywebsocket_server.rooms
        return rooms
