"""A Jupyter server with this extension, as a Python object whose methods wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from ..errors import CrdtOutputsError
from . import artifacts, contents, editing, executing, following, freshness, searching, transport, viewing
from .steps import NOTHING, Answer, Ask, Call, Calls, Found, Pause, Step, advance

P = ParamSpec("P")
T = TypeVar("T")


def _sync(call: Callable[P, Call[T]]) -> Callable[Concatenate[Client, P], T]:
    @wraps(call)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = call(*args, **kwargs)
        try:
            step = next(steps)
            while True:
                step = advance(steps, self._do(step))
        except StopIteration as stop:
            result: T = stop.value
            return result

    return method


def _sync_each(call: Callable[P, Calls[T]]) -> Callable[Concatenate[Client, P], Iterator[T]]:
    @wraps(call)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        steps = call(*args, **kwargs)
        step: Step | None = next(steps, None)
        while step is not None:
            if isinstance(step, Found):
                yield step.value
            try:
                step = advance(steps, self._do(step))
            except StopIteration:
                return

    return method


class Client:
    """A Jupyter server that has this extension. May be used by several threads.

    Every method raises :class:`~..errors.ServerAway` when no server answers, :class:`~..errors.NotAllowed` when it does
    not let you, and else what it documents, in the server's words.

    Args:
        url: of the server; None for ``$JUPYTER_SERVER_URL``, or else the only one that runs here.
        token: None for ``$JUPYTER_TOKEN``, or else what a server that runs here has written down.
        verify: as httpx takes it: False, or an ``ssl.SSLContext``, for a server with a certificate of its own.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, verify: Any = True) -> None:
        self._http = httpx.Client(**transport.options(url, token), verify=verify)

    @property
    def url(self) -> str:
        """The server's base URL, with a slash at the end."""
        return str(self._http.base_url)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    start = _sync(executing.start)
    executions = _sync(executing.executions)
    execution = _sync(executing.execution)
    wait = _sync(executing.wait)
    interrupt = _sync(executing.interrupt)
    answer = _sync(executing.answer)
    cancel = _sync(executing.cancel)
    cancel_all = _sync(executing.cancel_all)
    freshness = _sync(freshness.freshness)
    outputs = _sync(following.outputs)
    follow = _sync_each(following.follow)
    notebooks = _sync(contents.notebooks)
    notebook = _sync(contents.notebook)
    saved = _sync(contents.saved)
    sessions = _sync(contents.sessions)
    kernel_languages = _sync(contents.kernel_languages)
    cells = _sync(editing.cells)
    insert_cell = _sync(editing.insert_cell)
    edit_cell = _sync(editing.edit_cell)
    delete_cell = _sync(editing.delete_cell)
    move_cell = _sync(editing.move_cell)
    view = _sync(viewing.view)
    picture = _sync(viewing.picture)
    lines = _sync(searching.lines)
    search = _sync(searching.search)
    artifact = _sync(artifacts.artifact)
    original = _sync(artifacts.original)
    stream_text = _sync_each(artifacts.stream_text)

    def _do(self, step: Step) -> Answer | CrdtOutputsError:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
        if not isinstance(step, Ask):
            return NOTHING
        try:
            return transport.received(self._http.request(**transport.request(step)))
        except httpx.HTTPError as error:
            return transport.lost(error)
        except CrdtOutputsError as error:
            return error
