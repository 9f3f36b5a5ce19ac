"""One execution whose outputs the server records, from the claim to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..document.recorded_cells import RecordedCell
from ..document.stream import StreamText
from ..model.digest import Digest
from ..model.offload import offload
from ..store.archive import Archive
from .messages import Message, output_of

_SEAL_AGAIN_S = 5.0
"""After a failure of the store: each try reads all the text that is waiting for it."""


class Execution:
    """A claimed request, and what its messages do to the cell.

    No fault of the store reaches the kernel or loses an output: bulk that cannot be stored stays in the document,
    where stock JupyterLab would have it, until a sweep can take it out.

    Args:
        msg_id: of the ``execute_request``.
        client: the session id of the kernel websocket that sent it.
        cell: where the outputs go.
        archive: where bulk goes.
        release: lets go of the room; harmless the second time.
        store_failed: called with the error when bulk had to stay in the document.

    Attributes:
        has_begun: whether the kernel has taken the request up.
        execution_count: what the kernel said it is, or None.
        display_ids: what the cell shows that can be updated.
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
        self.has_begun = False
        self.execution_count: int | None = None
        self.display_ids: set[str] = set()
        self._archive = archive
        self._store_failed = store_failed
        self._seal_at = 0.0

    def begin(self, execution_count: object) -> None:
        """The kernel took the request up: only now do the outputs of an earlier execution go."""
        self.has_begun = True
        if isinstance(execution_count, int):
            self.execution_count = execution_count
        self.cell.area.clear()

    def record_text(self, message: Message) -> None:
        """Record a ``stream`` or ``clear_output`` message."""
        if message.type == "clear_output":
            self.cell.area.clear(wait=bool(message.content.get("wait")))
            return
        text = message.content.get("text", "")
        self.cell.area.write(
            str(message.content.get("name", "stdout")), text if isinstance(text, str) else "".join(map(str, text))
        )

    def convert_now(self, message: Message) -> dict[str, Any] | None:
        """The document's form of any other output, or None if that takes more than a moment."""
        if message.is_large:
            return None
        offloaded = offload(output_of(message.type, message.content), self._archive.policy)
        return None if offloaded.artifacts else offloaded.output

    async def convert(self, message: Message) -> dict[str, Any]:
        """The document's form of an output, its bulk durable; the output as it is if the store fails."""
        output = await asyncio.to_thread(lambda: output_of(message.type, message.content))
        offloaded = await asyncio.to_thread(offload, output, self._archive.policy)
        return offloaded.output if await self._keep(offloaded.artifacts) else output

    def must_seal(self) -> bool:
        """Whether the stream being printed is longer than the document should carry."""
        if self._seal_at and asyncio.get_running_loop().time() < self._seal_at:
            return False
        return any(stream.must_seal() for stream in self.cell.area.entries[-1:] if isinstance(stream, StreamText))

    async def seal(self) -> None:
        """Move the finished lines of long streams to the store."""
        for stream in self.cell.area.streams():
            if stream.must_seal():
                await self._seal(stream, whole=False)

    async def settle(self) -> None:
        """The cell is idle: move the rest of long streams to the store as well."""
        for stream in self.cell.area.streams():
            if stream.must_settle(self._archive.policy):
                await self._seal(stream, whole=True)

    async def _seal(self, stream: StreamText, *, whole: bool) -> None:
        artifacts = await asyncio.to_thread(stream.seal, whole=whole)
        if await self._keep(artifacts):
            stream.commit_seal()
            self._seal_at = 0.0
        else:
            self._seal_at = asyncio.get_running_loop().time() + _SEAL_AGAIN_S

    async def _keep(self, artifacts: dict[Digest, bytes]) -> bool:
        try:
            await asyncio.to_thread(self._archive.keep, artifacts)
        except Exception as error:  # whatever it is, the output must not be lost for it
            self._store_failed(error)
            return False
        return True
