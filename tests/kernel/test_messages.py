"""Messages in their frames."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_outputs.kernel.messages import (
    Message,
    display_id_of,
    is_idle,
    names_display,
    output_of,
    without_traceback,
)


def frames(message_type: str, content: Any, *, parent: Any = None, metadata: Any = None) -> list[bytes]:
    header = {"msg_type": message_type, "msg_id": "1", "session": "client"}
    return [json.dumps(part).encode() for part in (header, parent, metadata or {}, content)]


def message(message_type: str, content: Any, **more: Any) -> Message:
    return Message.parse(frames(message_type, content, **more))


def test_a_message_knows_its_type_its_client_and_what_it_answers() -> None:
    parsed = message("stream", {"text": "x"}, parent={"msg_id": "request"}, metadata={"cellId": "a"})
    assert (parsed.type, parsed.msg_id, parsed.session, parsed.parent_id) == ("stream", "1", "client", "request")
    assert parsed.content == {"text": "x"}
    assert parsed.metadata == {"cellId": "a"}


def test_a_message_may_answer_nothing() -> None:
    assert message("status", {}, parent=None).parent_id == ""
    assert message("status", {}, parent={}).parent_id == ""


def test_only_a_status_that_says_so_ends_a_request() -> None:
    assert is_idle(message("status", {"execution_state": "idle"}))
    assert not is_idle(message("status", {"execution_state": "busy", "was": "idle"}))
    assert not is_idle(message("status", {}))
    assert not is_idle(message("stream", {"execution_state": "idle"}))


def test_frames_may_be_views_of_a_larger_buffer() -> None:
    parts = [memoryview(part) for part in frames("stream", {"text": "x"})]
    assert Message.parse(parts).content == {"text": "x"}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"{}"],
        [b"{}", b"{}", b"{}", b"{}"],
        [b"[]", b"{}", b"{}", b"{}"],
        [b"null", b"null", b"null", b"null"],
        [b'{"msg_type": "x", "msg_id": 1}', b"[1]", b"{}", b"{}"],
        [b"\xff", b"{}", b"{}", b"{}"],
        [b"", b"", b"", b""],
    ],
)
def test_what_is_no_message_is_refused_with_one_kind_of_error(parts: list[bytes]) -> None:
    with pytest.raises(ValueError):
        Message.parse(parts)


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_no_bytes_raise_anything_else(parts: list[bytes]) -> None:
    with contextlib.suppress(ValueError):
        Message.parse(parts)


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b"{", b""])
def test_a_content_that_is_no_object_is_refused_when_it_is_asked_for(raw: bytes) -> None:
    parsed = Message.parse([*frames("stream", {})[:3], raw])
    with pytest.raises(ValueError):
        _ = parsed.content


def test_an_output_is_all_of_the_content_but_what_is_transient() -> None:
    content = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "d"}}
    assert output_of("display_data", content) == {
        "output_type": "display_data",
        "data": {"text/plain": "1"},
        "metadata": {},
    }
    assert output_of("update_display_data", content)["output_type"] == "display_data"
    assert output_of("error", {"ename": "E"}) == {"output_type": "error", "ename": "E"}


@pytest.mark.parametrize(
    ("transient", "expected"),
    [({"display_id": "d"}, "d"), ({"display_id": ""}, None), ({"display_id": 7}, None), ({}, None), (None, None)],
)
def test_a_display_id_is_a_text_that_is_not_empty(transient: Any, expected: str | None) -> None:
    assert display_id_of({"transient": transient}) == expected


def test_only_displays_name_displays() -> None:
    content = {"data": {}, "transient": {"display_id": "d"}}
    assert names_display(message("display_data", content))
    assert names_display(message("update_display_data", content))
    assert not names_display(message("execute_result", content))
    assert not names_display(message("display_data", {"data": {}}))


def test_a_large_message_is_not_searched_for_a_display_id() -> None:
    large = message("display_data", {"data": {"text/plain": "x" * 100_000}})
    assert large.is_large
    assert names_display(large)
    assert not message("display_data", {"data": {}}).is_large


def test_an_error_without_its_traceback_says_nothing_of_what_happened() -> None:
    error = message("error", {"ename": "E", "evalue": "secret", "traceback": ["secret"]}, parent={"msg_id": "r"})
    hidden = without_traceback(error, "Ask the admin.")
    assert hidden.content == {
        "ename": "ExecutionError",
        "evalue": "Execution error",
        "traceback": ["Ask the admin."],
    }
    assert (hidden.type, hidden.parent_id) == ("error", "r")
