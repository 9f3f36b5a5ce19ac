"""What a kernel's reply asks of the page that ran a cell, and what such a page shows for an answer to ``input()``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..messages import Message

_DOTS = "········"


@dataclass(frozen=True, slots=True)
class NextInput:
    """What the kernel wants to be run next, as ``%load`` does: in place of the cell's source, or in a cell below."""

    text: str
    replace: bool


def next_input(reply: Mapping[str, Any] | None) -> NextInput | None:
    """The first ``set_next_input`` of a reply, as JupyterLab takes it."""
    for payload in _payloads(reply or {}):
        if payload.get("source") == "set_next_input":
            return NextInput(str(payload.get("text", "")), bool(payload.get("replace")))
    return None


def pages(reply: Message) -> Iterator[Message]:
    """The first ``page`` of a reply, as the output that JupyterLab makes of it."""
    if reply.type != "execute_reply" or reply.content.get("status") != "ok":
        return
    for payload in _payloads(reply.content):
        if payload.get("source") == "page" and isinstance(payload.get("data"), dict):
            yield _output("display_data", {"data": payload["data"], "metadata": {}}, reply.parent_id)
            return


def echo(request: Message, prompt: str, value: str, *, is_secret: bool) -> Message:
    """What a page shows of an answer: a secret as dots."""
    text = f"{prompt} {_DOTS if is_secret else value}\n"
    return _output("stream", {"name": "stdin", "text": text}, request.parent_id)


def _output(kind: str, content: dict[str, Any], parent_id: str) -> Message:
    return Message(kind, "", "", parent_id, b"{}", json.dumps(content).encode())


def _payloads(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    payloads = content.get("payload")
    return (each for each in (payloads if isinstance(payloads, list) else ()) if isinstance(each, Mapping))
