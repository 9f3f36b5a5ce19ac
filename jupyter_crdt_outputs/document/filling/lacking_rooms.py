"""Who asks whether an open notebook has all that its file has, asks here."""

from __future__ import annotations

import asyncio

from ...errors import NotebookIncomplete
from ..rooms import Room, Rooms
from .lacking_room import LackingRoom


class LackingRooms:
    """The open notebooks that lack outputs of their files: until one is complete, nobody takes all of it.

    Args:
        rooms: the open notebooks.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._lacking: dict[str, LackingRoom] = {}

    def is_lacking(self, room: Room) -> bool:
        """Whether the room's document still lacks outputs that its file has."""
        return self._find(room) is not None

    def check(self, room: Room) -> None:
        """Raise NotebookIncomplete if the room's document is not complete."""
        lacking = self._find(room)
        if lacking is not None:
            raise NotebookIncomplete(
                lacking.trouble or f"the outputs of {room.path} are still being read from its file"
            )

    async def wait(self, room: Room) -> None:
        """Wait until the room's document is complete.

        Raises:
            NotebookIncomplete: it will not be, or not soon.
        """
        lacking = self._find(room)
        if lacking is not None:
            await lacking.settled.wait()
            self.check(room)

    def add(self, lacking: LackingRoom) -> None:
        """This room lacks something from now on. What was on its way into it no longer is."""
        self.give_up(lacking.room)
        self._forget_closed()
        self._lacking[lacking.room.room_id] = lacking

    def give_up(self, room: Room) -> None:
        """The room takes over another file."""
        lacking = self._lacking.get(room.room_id)
        if lacking is not None:
            self.remove(lacking)
            if lacking.task is not None and lacking.task is not asyncio.current_task():
                lacking.task.cancel()

    def remove(self, lacking: LackingRoom) -> None:
        """This room lacks nothing any more, or nothing that is still on its way."""
        room_id = lacking.room.room_id
        if self._lacking.get(room_id) is lacking:
            del self._lacking[room_id]
        self._forget_closed()
        lacking.settled.set()

    async def stop(self) -> None:
        """Fill no more. What is missing is known and is brought in when the notebook is opened again."""
        tasks = [lacking.task for lacking in self._lacking.values() if lacking.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget_closed(self) -> None:
        """Hold no document that nobody has open any more."""
        for room_id, lacking in list(self._lacking.items()):
            has_ended = lacking.task is None or lacking.task.done()
            if has_ended and not self._rooms.is_open(lacking.room):
                del self._lacking[room_id]

    def _find(self, room: Room) -> LackingRoom | None:
        """What this very opening of the notebook lacks; of an earlier one something may still be known."""
        lacking = self._lacking.get(room.room_id)
        return lacking if lacking is not None and lacking.room.upstream is room.upstream else None
