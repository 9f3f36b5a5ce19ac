"""A Jupyter server with this extension, as a Python object whose methods are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from ..errors import CrdtOutputsError
from . import artifacts, contents, editing, executing, following, freshness, searching, transport, viewing
from .steps import NOTHING, Answer, Ask, Call, Calls, Found, Pause, Step, advance

P = ParamSpec("P")
T = TypeVar("T")


def _async(call: Callable[P, Call[T]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[T]]:
    @wraps(call)
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = call(*args, **kwargs)
        try:
            step = next(steps)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        while True:
            given = await self._do(step)
            try:
                step = advance(steps, given)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]

    return method


def _async_each(call: Callable[P, Calls[T]]) -> Callable[Concatenate[AsyncClient, P], AsyncIterator[T]]:
    @wraps(call)
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        steps = call(*args, **kwargs)
        step: Step | None = next(steps, None)
        while step is not None:
            if isinstance(step, Found):
                yield step.value
            given = await self._do(step)
            try:
                step = advance(steps, given)
            except StopIteration:
                return

    return method


class AsyncClient:
    """The same as :class:`.Client`, to be awaited, and to be used in one event loop."""

    def __init__(self, url: str | None = None, token: str | None = None, *, verify: Any = True) -> None:
        self._http = httpx.AsyncClient(**transport.options(url, token), verify=verify)

    @property
    def url(self) -> str:
        """The server's base URL, with a slash at the end."""
        return str(self._http.base_url)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.close()

    start = _async(executing.start)
    executions = _async(executing.executions)
    execution = _async(executing.execution)
    wait = _async(executing.wait)
    interrupt = _async(executing.interrupt)
    answer = _async(executing.answer)
    cancel = _async(executing.cancel)
    cancel_all = _async(executing.cancel_all)
    freshness = _async(freshness.freshness)
    outputs = _async(following.outputs)
    follow = _async_each(following.follow)
    notebooks = _async(contents.notebooks)
    notebook = _async(contents.notebook)
    saved = _async(contents.saved)
    sessions = _async(contents.sessions)
    kernel_languages = _async(contents.kernel_languages)
    cells = _async(editing.cells)
    insert_cell = _async(editing.insert_cell)
    edit_cell = _async(editing.edit_cell)
    delete_cell = _async(editing.delete_cell)
    move_cell = _async(editing.move_cell)
    view = _async(viewing.view)
    picture = _async(viewing.picture)
    lines = _async(searching.lines)
    search = _async(searching.search)
    artifact = _async(artifacts.artifact)
    original = _async(artifacts.original)
    stream_text = _async_each(artifacts.stream_text)

    async def _do(self, step: Step) -> Answer | CrdtOutputsError:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
        if not isinstance(step, Ask):
            return NOTHING
        try:
            return transport.received(await self._http.request(**transport.request(step)))
        except httpx.HTTPError as error:
            return transport.lost(error)
        except CrdtOutputsError as error:
            return error
