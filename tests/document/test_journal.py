"""What a killed server had shown is in its journal, and writing that waits for no other file."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from jupyter_crdt_outputs.document import journal
from jupyter_crdt_outputs.document.journal import Journals

ROOM = "json:notebook:1"
LOG = logging.getLogger(__name__)


@pytest.fixture
def made_by(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads that made, renamed or removed files."""
    threads: list[int] = []

    def noting(name: str) -> None:
        function = getattr(os, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            threads.append(threading.get_ident())
            return function(*args, **kwargs)

        monkeypatch.setattr(os, name, noted)

    for name in ("open", "unlink", "rename", "replace"):
        noting(name)
    return threads


def test_the_last_two_spans_are_read_back_and_no_file_is_made_or_removed_by_who_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_by: list[int]
) -> None:
    monkeypatch.setattr(journal, "_ROTATE_BYTES", 500)
    doc: Doc[Any] = Doc()
    text = doc.get("text", type=Text)
    updates: list[bytes] = []
    Journals(tmp_path, LOG).follow(ROOM, doc)
    made_by.clear()
    doc.observe(lambda event: updates.append(event.update))
    for number in range(300):
        text += f"{number},"
        time.sleep(0.001)  # in which the thread has its turn
    assert len(made_by) > 4
    assert threading.get_ident() not in made_by
    left = Journals(tmp_path, LOG).updates(ROOM)
    assert updates[-len(left) :] == left
    assert 500 < sum(map(len, left)) < 5000
    assert len(list(tmp_path.iterdir())) <= 3


def test_what_an_earlier_server_left_goes_when_a_notebook_is_followed_anew(tmp_path: Path) -> None:
    first: Doc[Any] = Doc()
    Journals(tmp_path, LOG).follow(ROOM, first)
    first.get("text", type=Text).insert(0, "first")
    second: Doc[Any] = Doc()
    journals = Journals(tmp_path, LOG)
    for update in journals.updates(ROOM):
        second.apply_update(update)
    assert str(second.get("text", type=Text)) == "first"
    journals.follow(ROOM, second)
    deadline = time.monotonic() + 10
    while len(list(tmp_path.iterdir())) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(list(tmp_path.iterdir())) == 1
