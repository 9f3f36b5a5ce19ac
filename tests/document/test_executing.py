"""What the server writes into a cell that no browser runs, as the browser would."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_ydoc import YNotebook

from jupyter_crdt_outputs.document import executing
from jupyter_crdt_outputs.document.recorded_cell import RecordedCell
from jupyter_crdt_outputs.document.rooms import Room

ROOM = "json:notebook:file"
HIDDEN = {"collapsed": True, "jupyter": {"outputs_hidden": True, "source_hidden": True}, "tags": ["a"]}


@pytest.fixture
def room() -> Room:
    document: Any = YNotebook()
    cell = {"id": "a", "cell_type": "code", "metadata": HIDDEN, "source": "1", "outputs": [], "execution_count": 7}
    document.set({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return Room(SimpleNamespace(room_id=ROOM, ready=True, ydoc=document.ydoc, _document=document))


def the_cell(room: Room) -> Any:
    return room.find_cell("a")


def test_outputs_that_were_hidden_are_shown_when_their_cell_is_run(room: Room) -> None:
    executing.clear(room, "a", "idle", is_run=False)  # as of a cell without code, which no kernel sees
    assert the_cell(room)["metadata"].to_py() == {**HIDDEN, "trusted": True}
    executing.clear(room, "a", "running")
    assert the_cell(room)["metadata"].to_py() == {"jupyter": {"source_hidden": True}, "tags": ["a"], "trusted": True}


def test_a_cell_that_was_cleared_while_it_ran_gets_its_count_all_the_same_and_once(room: Room) -> None:
    rooms: Any = SimpleNamespace(get=lambda _room_id: room)
    ours, a_browsers = RecordedCell(rooms, ROOM, "a"), RecordedCell(rooms, ROOM, "a")
    ours.begin()
    ours.sync()
    executing.clear(room, "a", "idle")  # by somebody who has the notebook open
    assert not a_browsers.finish(3)
    assert ours.finish(3)
    assert (the_cell(room)["execution_count"], the_cell(room)["execution_state"]) == (3, "idle")
    executing.clear(room, "a", "idle")
    assert not ours.finish(3)
    assert the_cell(room)["execution_count"] is None
