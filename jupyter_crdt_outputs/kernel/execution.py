"""One execution whose outputs the server records, from the claim to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..document.recorded_cells import RecordedCell
from ..document.stream import StreamText
from ..errors import StoreFull, StoreUnavailable
from ..model.digest import Digest
from ..model.offload import offload
from ..store.archive import Archive
from .messages import Message, display_id_of, output_of

SMALL_BYTES = 1 << 16
"""Contents up to this size are parsed and written on the event loop, in well under a millisecond."""


class Execution:
    """A claimed request, and what its messages do to the cell.

    No fault of the store reaches the kernel or loses an output: bulk that cannot be stored stays in the document,
    where stock JupyterLab would have it, until a sweep can take it out.

    Args:
        msg_id: of the ``execute_request``.
        client: the session id of the kernel websocket that sent it.
        cell: where the outputs go.
        archive: where bulk goes.
        release: lets go of the room.
        store_failed: called with the error when bulk had to stay in the document.
    """

    def __init__(
        self,
        msg_id: str,
        client: str,
        cell: RecordedCell,
        archive: Archive,
        release: Callable[[], None],
        store_failed: Callable[[Exception], None],
    ) -> None:
        self.msg_id = msg_id
        self.client = client
        self.cell = cell
        self.release = release
        self.is_running = True
        self.execution_count: int | None = None
        self._archive = archive
        self._store_failed = store_failed

    def begin(self, execution_count: object) -> None:
        """The kernel took the request up: only now do the outputs of an earlier execution go."""
        if isinstance(execution_count, int):
            self.execution_count = execution_count
        self.cell.area.clear()

    def record_now(self, message: Message) -> bool:
        """Record a message without waiting for anything; False, and nothing done, if that is not possible."""
        if len(message.raw_content) > SMALL_BYTES:
            return False
        if message.type in ("stream", "clear_output"):
            self._record_text(message)
            return True
        offloaded = offload(output_of(message.type, message.content), self._archive.policy)
        if offloaded.artifacts:
            return False
        self._add(message, offloaded.output)
        return True

    async def record(self, message: Message) -> None:
        """Record a message, parsing and storing what is large in a thread."""
        if len(message.raw_content) > SMALL_BYTES:
            await asyncio.to_thread(lambda: message.content)
        if message.type in ("stream", "clear_output"):
            self._record_text(message)
        else:
            self._add(message, await self._offload(message))

    async def update_display(self, display_id: str, message: Message) -> None:
        """Replace the displays of this id in this cell."""
        self.cell.area.update(display_id, await self._offload(message))

    def must_seal(self) -> bool:
        """Whether the stream being printed is longer than the document should carry."""
        live_max_bytes = self._archive.policy.live_stream_max_bytes
        return any(stream.outgrows(live_max_bytes) for stream in self.cell.area.streams()[-1:])

    async def seal(self) -> None:
        """Move the finished lines of long streams to the store."""
        for stream in self.cell.area.streams():
            if stream.outgrows(self._archive.policy.live_stream_max_bytes):
                await self._seal(stream, whole=False)

    async def settle(self) -> None:
        """The cell is idle: move the rest of long streams to the store as well."""
        for stream in self.cell.area.streams():
            if stream.must_settle(self._archive.policy):
                await self._seal(stream, whole=True)

    def _record_text(self, message: Message) -> None:
        if message.type == "clear_output":
            self.cell.area.clear(wait=bool(message.content.get("wait")))
            return
        text = message.content.get("text", "")
        self.cell.area.write(
            str(message.content.get("name", "stdout")), text if isinstance(text, str) else "".join(map(str, text))
        )

    def _add(self, message: Message, output: dict[str, Any]) -> None:
        self.cell.area.add(output, display_id_of(message.content) if message.type == "display_data" else None)

    async def _offload(self, message: Message) -> dict[str, Any]:
        output = output_of(message.type, message.content)
        offloaded = await asyncio.to_thread(offload, output, self._archive.policy)
        return offloaded.output if await self._keep(offloaded.artifacts) else output

    async def _seal(self, stream: StreamText, *, whole: bool) -> None:
        artifacts = await asyncio.to_thread(stream.seal, whole=whole)
        if await self._keep(artifacts):
            stream.commit_seal()

    async def _keep(self, artifacts: dict[Digest, bytes]) -> bool:
        try:
            await asyncio.to_thread(self._archive.keep, artifacts)
        except (StoreFull, StoreUnavailable) as error:
            self._store_failed(error)
            return False
        return True
