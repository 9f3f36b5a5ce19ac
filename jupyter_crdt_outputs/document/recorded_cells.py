"""The cells whose outputs the server writes, kept in step with what everybody else does to the document."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakValueDictionary

from .recorded_cell import RecordedCell
from .rooms import Room, Rooms


class RecordedCells:
    """All cells that one server writes.

    Args:
        rooms: the open notebooks.
        on_outputs_changed: called with the room and the cell's id whenever outputs changed, whoever did it.
    """

    def __init__(self, rooms: Rooms, on_outputs_changed: Callable[[Room, str], None]) -> None:
        self._rooms = rooms
        self._on_outputs_changed = on_outputs_changed
        self._cells: dict[str, dict[str, RecordedCell]] = {}
        self._followed: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def record(self, room: Room, cell_id: str) -> RecordedCell:
        """Begin to write a cell. The newest execution wins: an older one of the same cell is detached."""
        self.follow(room)
        cells = self._cells.setdefault(room.room_id, {})
        if cell_id in cells:
            cells[cell_id].detach()
        cell = cells[cell_id] = RecordedCell(self._rooms, room.room_id, cell_id, self.follow)
        return cell

    def written(self, room: Room, cell_id: str) -> list[dict[str, Any]] | None:
        """The outputs of a cell in the document if the server knows them without reading; not to be changed."""
        cell = self._cells.get(room.room_id, {}).get(cell_id)
        return None if cell is None else cell.written

    def follow(self, room: Room) -> bool:
        """Watch a room from now on. False when it was watched already."""
        if self._followed.get(room.room_id) is room.upstream:
            return False
        self._followed[room.room_id] = room.upstream
        for closed in [room_id for room_id in self._cells if self._rooms.get(room_id) is None]:
            del self._cells[closed]
        for cell in self._cells.get(room.room_id, {}).values():
            cell.on_cells_changed()

        # Held by the document, through which no garbage collector sees: it must not hold the document in turn.
        watched = weakref.ref(room.upstream)

        def changed(events: list[Any]) -> None:
            current = self._rooms.get(room_id)
            if current is not None and current.upstream is watched():
                self._dispatch(current, events)

        room_id = room.room_id
        room.observe(changed)
        return True

    def _dispatch(self, room: Room, events: list[Any]) -> None:
        recorded = self._cells.get(room.room_id, {})
        touched: dict[int, None] = {}
        for event in events:
            path = event.path
            if not path or (len(path) == 1 and "outputs" in (getattr(event, "keys", None) or {})):
                for cell in recorded.values():
                    cell.on_cells_changed()
                touched |= dict.fromkeys([int(path[0])] if path else _inserted(event.delta))
            elif len(path) > 1 and path[1] == "outputs":
                touched[int(path[0])] = None
        for index in touched:
            ycell = room.cells[index]
            cell_id = ycell.get("id")
            if not isinstance(cell_id, str) or room.find_cell(cell_id) is None:
                continue
            if cell_id in recorded:
                recorded[cell_id].on_outputs_changed(ycell)
            self._on_outputs_changed(room, cell_id)


def _inserted(delta: list[dict[str, Any]]) -> Iterator[int]:
    """Where cells came into an array."""
    at = 0
    for change in delta:
        if "insert" in change:
            yield from range(at, at + len(change["insert"]))
            at += len(change["insert"])
        else:
            at += change.get("retain", 0)
