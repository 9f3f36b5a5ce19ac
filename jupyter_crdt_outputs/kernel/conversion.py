"""From messages to outputs in the document's form: many at a time, where a cell shows many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ..model.digest import Digest
from ..model.offload import Offloaded, offload
from ..store.archive import Archive
from .messages import Message, output_of


class Converter:
    """Offloads the outputs of one kernel; bulk is durable before a reference to it is given out (invariant I1).

    Args:
        archive: where bulk goes.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

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
        originals = [output_of(message.type, message.content) for message in messages]
        return originals, [offload(output, self._archive.policy) for output in originals]


def _all_artifacts(offloaded: Sequence[Offloaded]) -> dict[Digest, bytes]:
    return {digest: data for each in offloaded for digest, data in each.artifacts.items()}
