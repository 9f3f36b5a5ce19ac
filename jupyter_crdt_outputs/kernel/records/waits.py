"""Who waits for executions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from .live import LiveRecord


@dataclass(eq=False, slots=True)
class _Wait:
    """Somebody waits for all of these to end.

    Attributes:
        left: the ids of those that have not.
        over: done when none is left, or one asks for input.
    """

    left: set[str]
    over: asyncio.Future[None]

    def end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class Waits:
    """Wakes whoever waits, and nobody before it is time: a batch of hundreds changes all the while."""

    def __init__(self) -> None:
        self._for_some: set[_Wait] = set()
        self._for_any: set[asyncio.Future[None]] = set()

    async def ended(self, lives: Iterable[LiveRecord], wait_s: float) -> None:
        """Wait until all of these have ended, or one of them asks for input, or for so long."""
        left = [live for live in lives if not live.is_ended]
        if not left or any(live.prompt is not None for live in left):
            return
        wait = _Wait({live.record.id for live in left}, asyncio.get_running_loop().create_future())
        self._for_some.add(wait)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await wait.over
        finally:
            self._for_some.discard(wait)

    async def changed(self) -> None:
        """Wait until any execution changes."""
        step: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._for_any.add(step)
        try:
            await step
        finally:
            self._for_any.discard(step)

    def note(self, live: LiveRecord) -> None:
        """This one has changed."""
        for step in self._for_any:
            if not step.done():
                step.set_result(None)
        if live.is_ended:
            for wait in self._for_some:
                wait.left.discard(live.record.id)
                if not wait.left:
                    wait.end()
        elif live.prompt is not None:
            for wait in self._for_some:
                if live.record.id in wait.left:
                    wait.end()
