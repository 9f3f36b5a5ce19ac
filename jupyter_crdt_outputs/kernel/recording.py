"""What one message of a kernel does to the cells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from .captures import OutputCaptures
from .conversion import Converter
from .execution import Execution
from .executions import Executions
from .messages import DISPLAY_TYPES, Message, display_id_of
from .pace import Paces


class Recording:
    """Follows JupyterLab's kernel connection and output area, for all cells of a kernel.

    Args:
        executions: of the kernel.
        captures: which executions a widget takes the outputs of.
        paces: writes what changed.
        converter: gives outputs their form.
        failed: called with the error when the store did, and bulk stays in the document.
    """

    def __init__(
        self,
        executions: Executions,
        captures: OutputCaptures,
        paces: Paces,
        converter: Converter,
        failed: Callable[[Exception], None],
    ) -> None:
        self._executions = executions
        self._captures = captures
        self._paces = paces
        self._converter = converter
        self._failed = failed

    def record_now(self, execution: Execution | None, message: Message) -> bool:
        """Record a message without waiting for anything; False, and nothing done, if that is not possible.

        Args:
            execution: what the message belongs to, or None if it only matters as an update of displays.
            message: an ``execute_input`` or an output.
        """
        if execution is not None and message.type == "execute_input":
            execution.begin(message.content.get("execution_count"))
            self._paces.write(execution)
        elif message.is_large:
            return False
        elif execution is not None and message.type in ("stream", "clear_output"):
            self._record_text(execution, message)
        elif self._is_shown(execution, message):
            output = self._converter.convert_now(message)
            if output is None:
                return False
            self._show(execution, message, output)
        return True

    async def record(self, execution: Execution | None, message: Message) -> None:
        """Record a message, parsing and storing what is large in a thread."""
        if message.type != "stream" and self._converter.refuses(message):  # not even parsed
            if execution is not None:
                await self.record_displays([(execution, message)])
            return
        await asyncio.to_thread(lambda: message.content)
        if execution is not None and message.type == "stream":
            await execution.record_long_text(message)
            self._paces.write(execution)
        elif execution is not None and message.type == "clear_output":
            self._record_text(execution, message)
        elif self._is_shown(execution, message):
            await self.record_displays([(execution, message)])

    async def record_displays(self, items: Sequence[tuple[Execution | None, Message]]) -> None:
        """Record messages with outputs that are not streams, storing all that is large in them together."""
        outputs = await self._converter.convert([message for _, message in items], self._failed)
        for (execution, message), output in zip(items, outputs, strict=True):
            self._show(execution, message, output)

    def _record_text(self, execution: Execution, message: Message) -> None:
        execution.record_text(message)
        if not execution.must_relieve():  # or the document would have for a moment what is about to leave it
            self._paces.write(execution)

    def _is_shown(self, execution: Execution | None, message: Message) -> bool:
        """Whether anybody would show the output of a message."""
        if execution is not None and message.type != "update_display_data":
            return True
        return any(True for _ in self._executions.showing(display_id_of(message.content)))

    def _show(self, execution: Execution | None, message: Message, output: dict[str, Any]) -> None:
        """Update the displays of the message's id, which a display that comes anew does too, and add what is new."""
        may_be_named = message.type in DISPLAY_TYPES and not self._converter.refuses(message)
        display_id = display_id_of(message.content) if may_be_named else None
        for showing in self._executions.showing(display_id):
            if not self._captures.capture(showing.msg_id):
                showing.cell.area.update(display_id or "", output)
                self._paces.write(showing)
        if execution is None or message.type == "update_display_data":
            return
        display_id = display_id if message.type == "display_data" else None
        execution.cell.area.add(output, display_id)
        if display_id is not None:
            self._executions.show(display_id, execution)
        self._paces.write(execution)
