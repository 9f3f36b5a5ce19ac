"""Which requests' outputs a widget takes."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_crdt_outputs.kernel.captures import OutputCaptures

from .test_messages import message


def opened(comm_id: str, msg_id: str = "", model: str = "OutputModel") -> Any:
    state = {"_model_name": model, "msg_id": msg_id}
    return message("comm_open", {"comm_id": comm_id, "data": {"state": state}})


def updated(comm_id: str, **state: Any) -> Any:
    return message("comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": state}})


def closed(comm_id: str) -> Any:
    return message("comm_close", {"comm_id": comm_id, "data": {}})


def captures(*messages: Any) -> OutputCaptures:
    following = OutputCaptures()
    for each in messages:
        following.follow(each)
    return following


def test_an_output_takes_what_it_names_from_then_until_it_names_nothing() -> None:
    assert not captures(opened("a")).capture("request")
    assert captures(opened("a"), updated("a", msg_id="request")).capture("request")
    assert not captures(opened("a"), updated("a", msg_id="request"), updated("a", msg_id="")).capture("request")


def test_an_output_may_take_from_the_moment_it_is_made() -> None:
    assert captures(opened("a", "request")).capture("request")


def test_an_update_of_something_else_changes_nothing() -> None:
    assert captures(opened("a", "request"), updated("a", outputs=[])).capture("request")


def test_an_output_that_is_closed_takes_nothing_more() -> None:
    assert not captures(opened("a", "request"), closed("a")).capture("request")


def test_two_outputs_that_take_one_request_are_told_apart() -> None:
    both = captures(opened("a", "request"), opened("b", "request"), updated("b", msg_id=""))
    assert both.capture("request")
    both.follow(updated("a", msg_id=""))
    assert not both.capture("request")


def test_other_widgets_take_nothing_whatever_they_call_their_state() -> None:
    assert not captures(opened("a", "request", "IntSliderModel")).capture("request")
    assert not captures(opened("a", model="IntSliderModel"), updated("a", msg_id="request")).capture("request")


def test_no_request_is_never_taken() -> None:
    assert not captures(opened("a", "")).capture("")


def test_a_second_follower_begins_where_the_first_one_is_and_goes_its_own_way() -> None:
    first = captures(opened("a", "request"))
    second = OutputCaptures(first)
    first.follow(updated("a", msg_id=""))
    assert second.capture("request")
    assert not first.capture("request")


def test_another_process_of_the_kernel_knows_none_of_the_widgets() -> None:
    following = captures(opened("a", "request"))
    following.forget()
    assert not following.capture("request")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"comm_id": ["a"]},
        {"comm_id": "a", "data": None},
        {"comm_id": "a", "data": {"state": None}},
        {"comm_id": "a", "data": {"state": "OutputModel msg_id"}},
        {"comm_id": "a", "data": {"state": {"_model_name": ["OutputModel"], "msg_id": {}}}},
    ],
)
@pytest.mark.parametrize("kind", ["comm_open", "comm_msg", "comm_close"])
def test_comms_that_are_not_widgets_are_passed_over(kind: str, content: dict[str, Any]) -> None:
    assert not captures(opened("other"), message(kind, content)).capture("request")
