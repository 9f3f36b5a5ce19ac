"""Kernel messages as they lie in their frames, and the outputs that they carry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

OUTPUT_TYPES = frozenset({"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"})
"""What a recorded execution's browsers do not get, because the document brings it."""

DISPLAY_TYPES = frozenset({"display_data", "update_display_data"})
"""What may name a display, and so changes every output of that name."""

COMM_TYPES = frozenset({"comm_open", "comm_msg", "comm_close"})


_SMALL_BYTES = 1 << 16


class Content(Protocol):
    """JSON that is somewhere."""

    def __len__(self) -> int: ...

    def __bytes__(self) -> bytes: ...


@dataclass(frozen=True)
class Message:
    """One message, of which only the small parts are parsed until the content is asked for.

    Attributes:
        type: the header's message type.
        msg_id: the header's id.
        session: the header's session, which is the client's name.
        parent_id: the id of the request that this answers, or "".
        raw_metadata: JSON.
        frame: the content as it came; a large one is not copied before somebody asks for it.
        date: the header's, or "".
    """

    type: str
    msg_id: str
    session: str
    parent_id: str
    raw_metadata: bytes
    frame: bytes | memoryview | Content
    date: str = ""

    @classmethod
    def parse(cls, parts: Sequence[bytes | memoryview]) -> Message:
        """Take a message from its frames, without identities and signature: header, parent, metadata, content.

        The signature is not looked at, as in the websocket's own protocol: whoever can write to a kernel's socket
        does not need to forge its messages.

        Raises:
            ValueError: not a message.
        """
        try:
            header, parent = json.loads(bytes(parts[0])), json.loads(bytes(parts[1])) or {}  # null comes from xeus
            return cls(
                str(header["msg_type"]),
                str(header["msg_id"]),
                str(header.get("session", "")),
                str(parent.get("msg_id", "")),
                bytes(parts[2]),
                parts[3],
                str(header.get("date", "")),
            )
        except (IndexError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"not a kernel message: {error!r}") from error

    @property
    def is_large(self) -> bool:
        """Whether parsing the content takes more than a fraction of a millisecond, and so belongs in a thread."""
        return len(self.frame) > _SMALL_BYTES

    @cached_property
    def raw_content(self) -> bytes:
        """The content's JSON."""
        return bytes(self.frame)

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content; parsing a large one belongs in a thread. Raises ValueError."""
        content = json.loads(bytes(self.frame))
        if not isinstance(content, dict):
            raise ValueError("a message whose content is not an object")
        return content

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The metadata. Raises ValueError."""
        metadata = json.loads(self.raw_metadata)
        if not isinstance(metadata, dict):
            raise ValueError("a message whose metadata is not an object")
        return metadata


def output_of(message_type: str, content: dict[str, Any]) -> dict[str, Any]:
    """The nbformat output that JupyterLab makes of a message's content: all of it but what is transient."""
    kind = "display_data" if message_type == "update_display_data" else message_type
    return {**{key: value for key, value in content.items() if key != "transient"}, "output_type": kind}


def text_of(content: dict[str, Any]) -> tuple[str, str]:
    """The name and the text of a ``stream`` message's content."""
    text = content.get("text", "")
    return str(content.get("name", "stdout")), text if isinstance(text, str) else "".join(map(str, text))


def display_id_of(content: dict[str, Any]) -> str | None:
    """The id by which a display may be updated."""
    transient = content.get("transient")
    display_id = transient.get("display_id") if isinstance(transient, dict) else None
    return display_id if isinstance(display_id, str) and display_id else None


def names_display(message: Message) -> bool:
    """Whether the message may concern displays by their id; told without parsing it, or reading a large one."""
    return message.type in DISPLAY_TYPES and (message.is_large or b'"display_id"' in message.raw_content)


def is_idle(message: Message) -> bool:
    """Whether the kernel says with this that it is done with a request. Raises ValueError."""
    return message.type == "status" and message.content.get("execution_state") == "idle"


def without_traceback(message: Message, replacement: str) -> Message:
    """An error as the server shows it where it is configured not to show tracebacks."""
    content = {"ename": "ExecutionError", "evalue": "Execution error", "traceback": [replacement]}
    return replace(message, frame=json.dumps(content).encode())
