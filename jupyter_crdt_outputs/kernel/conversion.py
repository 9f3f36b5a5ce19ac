"""From messages to outputs in the document's form: many at a time, where a cell shows many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ..model.digest import Digest
from ..model.offload import Offloaded, offload
from ..model.sizes import size_text
from ..store.archive import Archive
from .messages import Message, output_of


class Converter:
    """Offloads the outputs of one kernel; bulk is durable before a reference to it is given out (invariant I1).

    Args:
        archive: where bulk goes.
        max_bytes: the largest message that is taken.
    """

    def __init__(self, archive: Archive, max_bytes: int) -> None:
        self._archive = archive
        self._max_bytes = max_bytes

    def refuses(self, message: Message) -> bool:
        """Whether a message is too large to be looked into."""
        return len(message.frame) > self._max_bytes

    def convert_now(self, message: Message) -> dict[str, Any] | None:
        """The document's form of an output, or None if that takes more than a moment."""
        if message.is_large:
            return None
        offloaded = offload(output_of(message.type, message.content), self._archive.policy)
        return None if offloaded.artifacts else offloaded.output

    async def convert(self, messages: Sequence[Message], failed: Callable[[Exception], None]) -> list[dict[str, Any]]:
        """The document's form of outputs, with one commit for all of them; as they are, if the store fails.

        Args:
            messages: with outputs.
            failed: called with the error when the store did.
        """
        originals, offloaded = await asyncio.to_thread(self._offload, messages)
        try:
            await asyncio.to_thread(self._archive.keep, _all_artifacts(offloaded))
        except Exception as error:  # whatever it is, the outputs must not be lost for it
            failed(error)
            return originals
        return [each.output for each in offloaded]

    def _offload(self, messages: Sequence[Message]) -> tuple[list[dict[str, Any]], list[Offloaded]]:
        originals = [self._output_of(message) for message in messages]
        return originals, [offload(output, self._archive.policy) for output in originals]

    def _output_of(self, message: Message) -> dict[str, Any]:
        if not self.refuses(message):
            return output_of(message.type, message.content)
        text = (
            f"[An output of {size_text(len(message.frame))} was not kept: CrdtOutputsApp.output_max_bytes is "
            f"{size_text(self._max_bytes)}. Write it to a file instead, or ask for a higher limit.]"
        )
        return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def _all_artifacts(offloaded: Sequence[Offloaded]) -> dict[Digest, bytes]:
    return {digest: data for each in offloaded for digest, data in each.artifacts.items()}
