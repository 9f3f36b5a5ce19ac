"""Which notebooks are known to lack outputs of their files."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_ydoc import YNotebook

from jupyter_crdt_outputs.document.filling import LackingRooms
from jupyter_crdt_outputs.document.filling.lacking_room import LackingRoom
from jupyter_crdt_outputs.document.opened import OpenedNotebook
from jupyter_crdt_outputs.document.rooms import Room, Rooms
from jupyter_crdt_outputs.errors import NotebookIncomplete


class UpstreamRoom(SimpleNamespace):
    """Can be referred to weakly, as upstream's can, and a plain namespace cannot."""


class Upstream:
    """What a server has open, without the server."""

    def __init__(self) -> None:
        self.open: dict[str, Any] = {}
        extension = SimpleNamespace(ywebsocket_server=SimpleNamespace(rooms=self.open))
        self.rooms = Rooms(lambda: extension)

    def opens(self, room_id: str) -> Room:
        document = YNotebook()
        self.open[room_id] = UpstreamRoom(room_id=room_id, ydoc=document.ydoc, _document=document)
        room = self.rooms.get(room_id)
        assert room is not None
        return room


def in_trouble(room: Room) -> LackingRoom:
    """One whose outputs cannot be read."""
    lacking = LackingRoom(room, None, OpenedNotebook({}), [])
    lacking.trouble = "damaged"
    lacking.settled.set()
    return lacking


async def test_what_an_earlier_opening_lacked_is_not_said_of_the_next_one() -> None:
    upstream = Upstream()
    lacking = LackingRooms(upstream.rooms)
    room = upstream.opens("a")
    lacking.add(in_trouble(room))
    with pytest.raises(NotebookIncomplete, match="damaged"):
        await lacking.wait(room)
    assert lacking.is_lacking(room)
    again = upstream.opens("a")
    await lacking.wait(again)
    assert not lacking.is_lacking(again)


async def test_a_notebook_that_could_not_be_filled_is_not_held_for_ever_when_it_is_closed() -> None:
    upstream = Upstream()
    lacking = LackingRooms(upstream.rooms)
    room = upstream.opens("a")
    closed = weakref.ref(room)
    lacking.add(in_trouble(room))
    del room
    del upstream.open["a"]
    lacking.add(in_trouble(upstream.opens("b")))
    gc.collect()
    assert closed() is None
