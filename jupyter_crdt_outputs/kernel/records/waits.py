"""Who waits for executions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .live import LiveRecord


@dataclass(eq=False, slots=True)
class _Wait:
    """Somebody waits for all of these to end.

    Attributes:
        left: the ids of those that have not.
        then: what is done at once when none is left, or one asks for input.
        over: done after that.
    """

    left: set[str]
    then: Callable[[], object]
    over: asyncio.Future[None]

    def end(self) -> None:
        if self.over.done():
            return
        try:
            self.then()
        except Exception as error:
            self.over.set_exception(error)
        else:
            self.over.set_result(None)


class Waits:
    """Wakes whoever waits, and nobody before it is time: a batch of hundreds changes all the while."""

    def __init__(self) -> None:
        self._for_some: set[_Wait] = set()
        self._for_any: set[asyncio.Future[None]] = set()

    async def ended(self, lives: Iterable[LiveRecord], wait_s: float, then: Callable[[], object]) -> None:
        """Wait until all of these have ended, or one of them asks for input, or for so long; then do *then*, once.

        It is done before anything else that the end of an execution is the reason for. What it raises is raised here.
        """
        left = [live for live in lives if not live.is_ended]
        if left and wait_s and all(live.prompt is None for live in left):
            wait = _Wait({live.record.id for live in left}, then, asyncio.get_running_loop().create_future())
            self._for_some.add(wait)
            try:
                async with asyncio.timeout(wait_s):
                    await wait.over
                return
            except TimeoutError:
                if wait.over.done() and not wait.over.cancelled():
                    return
            finally:
                self._for_some.discard(wait)
        then()

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
