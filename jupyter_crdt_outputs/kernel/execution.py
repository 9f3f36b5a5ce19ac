"""One execution whose outputs the server records, from the claim to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..document.recorded_cell import RecordedCell
from ..document.stream import LiveText, StreamText
from .messages import Message, text_of
from .records import LiveRecord
from .spill import Spill

_PIECE_CHARACTERS = 1 << 22
_OVERTAKEN = 32


class Execution:
    """A claimed request, and what its messages do to the cell.

    No fault of the store reaches the kernel or loses an output: bulk that cannot be stored stays in the document,
    where stock JupyterLab would have it, until a sweep can take it out.

    Args:
        msg_id: of the ``execute_request``.
        client: the session id of the kernel websocket that sent it.
        cell: where the outputs go.
        spill: where long streams go.
        release: lets go of the room; harmless the second time. None when somebody else holds it for longer.
        live: what is recorded of it.
        captured: called with the comm and the message when a widget takes an output; None when its browser does that.

    Attributes:
        has_begun: whether the kernel has taken the request up.
        overtaken: executions of the same cell that this one took it from before they had ended, the last few.
        execution_count: what the kernel said it is, or None.
        is_known_to_client: whether the client was told that it is over.
        display_ids: what the cell shows that can be updated.
        is_moving: whether text is on its way out of the document, which is not to be written meanwhile.
    """

    def __init__(
        self,
        msg_id: str,
        client: str,
        cell: RecordedCell,
        spill: Spill,
        release: Callable[[], None] | None,
        live: LiveRecord,
        captured: Callable[[str, Message], None] | None = None,
    ) -> None:
        self.msg_id = msg_id
        self.client = client
        self.cell = cell
        self.release = release
        self.live = live
        self.captured = captured
        self.has_begun = False
        self.overtaken: tuple[Execution, ...] = ()
        self.execution_count: int | None = None
        self.is_known_to_client = False
        self.display_ids: set[str] = set()
        self.is_moving = False
        self._spill = spill

    def begin(self, execution_count: object) -> None:
        """What the kernel puts out begins: only now do the outputs of an earlier execution go."""
        if isinstance(execution_count, int):
            self.execution_count = execution_count
        self.cell.area.clear()

    def record_text(self, message: Message) -> None:
        """Record a ``stream`` or ``clear_output`` message."""
        if message.type == "clear_output":
            self.cell.area.clear(wait=bool(message.content.get("wait")))
            return
        self.cell.area.write(*text_of(message.content))

    async def record_long_text(self, message: Message) -> None:
        """Record a large ``stream`` message piece by piece, so that it is not in memory many times over."""
        name, text = text_of(message.content)
        for start in range(0, len(text), _PIECE_CHARACTERS):
            self.cell.area.write(name, text[start : start + _PIECE_CHARACTERS])
            if self.must_relieve():  # first a log, then what is for the log, then segments
                await self.relieve()
            self.flush()
            if self.must_relieve():
                await self.relieve()

    def flush(self) -> None:
        """Hand on what long streams were written since the last time."""
        self._spill.flush(self.cell.area.streams())

    def must_relieve(self) -> bool:
        """Whether the stream being printed is longer than the document, or memory, should carry."""
        last = self.cell.area.entries[-1:]
        return any(self._spill.is_due(stream) for stream in last if isinstance(stream, StreamText))

    async def relieve(self) -> None:
        """Move text of long streams to the local disk and to the store."""
        self.is_moving = True
        try:
            await self._spill.relieve(self.cell.area.streams())
        finally:
            self.is_moving = False

    def is_quiet(self) -> bool:
        """Whether nothing came into long streams since this was asked before."""
        return self._spill.is_quiet()

    @property
    def must_settle(self) -> bool:
        """Whether :meth:`settle` would do anything."""
        return self._spill.must_settle(self.cell.area.streams())

    async def settle(self) -> None:
        """The cell is idle: move what is left of long streams to the store as well."""
        await self._spill.settle(self.cell.area.streams())

    def outputs(self) -> list[dict[str, Any]]:
        """Its outputs in the document's form, not to be changed."""
        return [item.output if isinstance(item, LiveText) else item for item in self.cell.area.items()]

    def overtake(self, older: Execution) -> None:
        """Take a cell from an execution whose browser may still write its count there."""
        self.overtaken = (*self.overtaken, *older.overtaken, older)[-_OVERTAKEN:]
        older.overtaken = ()

    def abandon(self) -> None:
        """The cell was executed anew: write nothing more, and let go of everything."""
        self.cell.detach()
        self._spill.close()
        if self.release is not None:
            self.release()
