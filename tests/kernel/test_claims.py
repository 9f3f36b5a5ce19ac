"""Two clients that run one cell at once reach the kernel on two sockets, and write to the document both."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from jupyter_crdt_outputs.kernel import endings
from jupyter_crdt_outputs.kernel.headless import conversation
from jupyter_crdt_outputs.kernel.messages import Message

from .queue.scripted_kernel import ScriptedClient, System
from .tabs import stdout

CLIENTS = ("ada", "bob")


class Race(System):
    """A kernel with two browsers, whose requests are named after them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ["print('ran')"], lambda _record: None)
        for client in CLIENTS:
            self.clients.connected(client, Mock(), "somebody")

    @property
    def cell(self) -> Any:
        """The cell in the document."""
        return self.room.find_cell("0")

    def ask(self, *clients: str) -> None:
        """The server hears requests of these clients, in this order."""
        for client in clients:
            self.recorder.claim(client, client, self.room, "0", self.asked("0"))

    def run(self, *clients: str) -> None:
        """The kernel runs them in this order."""
        for client in clients:
            self.count += 1
            for kind, content in (
                ("execute_input", {"code": "", "execution_count": self.count}),
                ("stream", {"name": "stdout", "text": f"{client} ran"}),
                ("status", {"execution_state": "idle"}),
            ):
                self.recorder.receive(Message(kind, "", "", client, b"{}", json.dumps(content).encode()))


@pytest.fixture
def race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Race:
    monkeypatch.setattr(endings, "_BROWSER_S", 0.01)
    monkeypatch.setattr(conversation, "KernelClient", ScriptedClient)
    return Race(tmp_path)


@pytest.mark.parametrize("asked", [CLIENTS, CLIENTS[::-1]])
async def test_the_cell_shows_the_execution_that_the_kernel_took_up_last(race: Race, asked: tuple[str, str]) -> None:
    race.ask(*asked)
    race.run("ada", "bob")
    await race.settle()
    assert race.cell["outputs"].to_py() == [stdout("bob ran")]
    assert not race.recorder.owns("somebody else")
    assert race.recorder.owns("ada")


@pytest.mark.parametrize("asked", [CLIENTS, CLIENTS[::-1]])
async def test_the_count_is_that_of_the_outputs_though_another_browser_wrote_last(
    race: Race, asked: tuple[str, str]
) -> None:
    race.ask(*asked)
    race.run("ada", "bob")
    for _ in range(2):  # the second time from a page that is slow
        race.cell["execution_count"] = 1.0
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if race.cell["execution_count"] == 2.0:
                break
        assert race.cell["execution_count"] == 2.0


async def test_a_count_that_no_browser_of_that_race_has_written_stands(race: Race) -> None:
    race.ask("ada", "bob")
    race.run("ada", "bob")
    race.cell["execution_count"] = 7.0
    await asyncio.sleep(0.05)
    assert race.cell["execution_count"] == 7.0


async def test_what_was_asked_for_before_the_last_is_not_shown_when_it_is_run_before_it(race: Race) -> None:
    race.ask("ada", "bob")
    race.run("ada")
    await race.settle()
    assert race.cell["outputs"].to_py() == []
