"""All that can be asked of a server that has this extension, each once, for the sync and the async client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar
from urllib.parse import quote

from ..errors import ArtifactCorrupt, NotFound, ServerAway
from ..model.digest import Digest
from ..model.execution_state import Execution, Outputs
from ..model.executions import OnTimeout, RunRequest, Selector, Status
from ..model.reference import LogReference, LongStreamReference, StreamReference, reference_in
from ..model.restore import restore
from ..model.segments import from_index
from .events import Asked, Ended, Event
from .steps import Ask, Call, Calls, Found, Pause
from .streams import lines_of
from .transcript import Rest, Transcript

P = ParamSpec("P")
T = TypeVar("T")

Cells: TypeAlias = 'Literal["all"] | Selector | Sequence[Selector]'
Which: TypeAlias = "str | Execution"

_API = "api/crdt-outputs"
_WAIT_S = 20.0
_POLL_S = 0.1
_RETRIES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""How long a follower waits for a server that is being restarted: 15 seconds in all."""


def start(
    path: str,
    cells: Cells = "all",
    *,
    kernel: str | None = None,
    restart: bool = False,
    stop_on_error: bool = True,
    allow_stdin: bool = True,
    timeout_s: float | None = None,
    on_timeout: OnTimeout = "interrupt",
    record_timing: bool | None = None,
    parent: str | None = None,
    append: tuple[Selector, str] | None = None,
    env: Mapping[str, str] | None = None,
) -> Call[list[Execution]]:
    """Queue cells of a notebook, all of them or none; returns their executions in order, and does not wait.

    Args:
        path: of the notebook, below the server's root.
        cells: ``"all"``, or which; with the digest of its source, a cell only runs if it is as you saw it.
        kernel: the kernelspec to start when the notebook has no kernel; None for the notebook's own.
        restart: whether to restart the kernel first.
        stop_on_error: whether the rest is dropped after an error.
        allow_stdin: whether cells may ask for input.
        timeout_s: how long a cell may run, in seconds.
        on_timeout: what is done then.
        record_timing: whether to write times into the metadata of cells; None for what the notebook says.
        parent: the execution that made this one necessary.
        append: cells, and code that is run after theirs and is in no document.
        env: variables for the environment of the kernel that this starts.

    Raises:
        InvalidRequest: before anything is sent.
        NotFound, NotANotebook, SourceChanged, QueueFull, KernelUnavailable, NotNow: the server's words.
        NotAllowed: you may not run cells.
        ServerAway: no server answers.
    """
    selectors = cells if isinstance(cells, Sequence) and not isinstance(cells, str) else [cells]
    request = RunRequest.parse(
        {
            "path": path,
            "cells": [each.to_json() if isinstance(each, Selector) else each for each in selectors],
            "kernel": kernel,
            "restart": restart,
            "stop_on_error": stop_on_error,
            "allow_stdin": allow_stdin,
            "timeout_s": timeout_s,
            "on_timeout": on_timeout,
            "record_timing": record_timing,
            "parent": parent,
            "append": None if append is None else {"to": append[0].to_json(), "code": append[1]},
            "env": dict(env or {}),
        }
    )
    answer = yield Ask(f"{_API}/executions", "POST", body=_without_defaults(request), wait_s=_WAIT_S * 6)
    return [Execution.parse(each) for each in answer.json()["executions"]]


def executions(
    *,
    path: str | None = None,
    cell: str | None = None,
    run: str | None = None,
    kernel: str | None = None,
    status: Status | None = None,
    before: str | None = None,
    limit: int = 100,
) -> Call[list[Execution]]:
    """Executions, newest first, those of former times included.

    Args:
        path: of a notebook.
        cell: the id of one.
        run: the id that the executions of one request share.
        kernel: the id of one.
        status: as they stand.
        before: only those that are older than the execution of this id.
        limit: how many at most, up to 1,000.
    """
    given = {"path": path, "cell": cell, "run": run, "kernel": kernel, "status": status, "before": before}
    params = {name: value for name, value in given.items() if value is not None}
    answer = yield Ask(f"{_API}/executions", params={**params, "limit": limit})
    return [Execution.parse(each) for each in answer.json()["executions"]]


def execution(which: Which, *, wait_s: float = 0.0) -> Call[Execution]:
    """One execution as it stands; with *wait_s* (up to 60), once it has ended or asks for input. Raises NotFound."""
    answer = yield Ask(_of(which), params={"wait_s": wait_s} if wait_s else {}, wait_s=wait_s)
    return Execution.parse(answer.json())


def wait(which: Which | Iterable[Which]) -> Call[list[Execution]]:
    """Wait until executions have ended, or one asks for input; returns how all of them stand."""
    wanted = [which] if isinstance(which, str | Execution) else list(which)
    found = []
    is_asked = False
    for each in wanted:
        state = yield from execution(each)
        while not (state.record.is_finished or is_asked):
            state = yield from _patiently(execution, each, wait_s=_WAIT_S)
            is_asked = state.prompt is not None
        found.append(state)
    return found


def outputs(which: Which, *, after: str = "", wait_s: float = 0.0) -> Call[Outputs]:
    """What an execution has put out so far, as the live document has it.

    Args:
        which: the execution.
        after: a revision that was seen: another one is waited for,
        wait_s: for so long at most, up to 60 seconds.
    """
    params: dict[str, str | float] = {"after": after, "wait_s": wait_s} if after else {}
    answer = yield Ask(f"{_of(which)}/outputs", params=params, wait_s=wait_s if after else 0.0)
    return Outputs.parse(answer.json())


def follow(which: Which, *, until_now: bool = False) -> Calls[Event]:
    """What an execution puts out, as it comes, from its beginning to its end.

    It may have begun long ago. A server that is restarted meanwhile is waited for, 15 seconds at most. Text comes as it
    is after ``\\r`` and ``\\b``; an update gives what changed since the last, so nothing comes twice.

    Args:
        which: the execution.
        until_now: end with what there is now.

    Raises:
        NotFound: there is no such execution.
        ServerAway: the server has gone; what is to be known of the execution, it will know when it is back.
    """
    transcript, prompts = Transcript(), 0
    seen = yield from outputs(which)
    after = ""
    while True:
        if after:  # a server that is back may still be learning what the one before it left
            seen = yield from _patiently(_known, which, after=after, wait_s=_WAIT_S)
        after = seen.revision
        if seen.outputs is not None:
            told = transcript.update(seen.outputs)
            happened = next(told, None)
            while happened is not None:
                data = None
                if isinstance(happened, Rest):
                    data = yield from _patiently(lines_of, happened.stream, happened.start)
                else:
                    yield Found(happened)
                try:
                    happened = told.send(data)
                except StopIteration:
                    break
        if seen.execution.prompt is not None and seen.prompts > prompts:
            yield Found(Asked(seen.execution.prompt))
        prompts = seen.prompts
        if seen.execution.record.is_finished:
            yield Found(Ended(seen.execution))
            return
        if until_now:
            return


def interrupt(which: Which) -> Call[None]:
    """Interrupt the kernel while it runs this. Raises :class:`NotNow` when it does not."""
    yield Ask(f"{_of(which)}/interrupt", "POST")


def answer(which: Which, value: str) -> Call[None]:
    """Answer what an execution asks for. Raises :class:`NotNow` when it asks for nothing, or somebody was quicker."""
    yield Ask(f"{_of(which)}/input", "POST", body={"value": value})


def cancel(which: Which) -> Call[None]:
    """Do not run this any more; if it runs, its kernel is interrupted. Raises :class:`NotNow` for a browser's."""
    yield Ask(_of(which), "DELETE")


def cancel_all(*, path: str | None = None, run: str | None = None, kernel: str | None = None) -> Call[list[Execution]]:
    """Cancel what goes on: of a notebook, of one request, of a kernel, or everything. Returns what was cancelled."""
    given = {"path": path, "run": run, "kernel": kernel}
    answer = yield Ask(f"{_API}/executions", "DELETE", {name: value for name, value in given.items() if value})
    return [Execution.parse(each) for each in answer.json()["executions"]]


def notebook(path: str) -> Call[dict[str, Any]]:
    """A notebook as it was last saved, which a server does within about a second. Raises NotFound."""
    answer = yield Ask(f"api/contents/{quote(path.strip('/'))}", params={"type": "notebook", "content": 1})
    content = answer.json().get("content")
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ServerAway(f"the server does not give {path} as a notebook")
    return content


def saved(path: str, since: str, *, wait_s: float = 5.0) -> Call[bool]:
    """Wait until a notebook's file was written after a moment; whether it was.

    Args:
        path: of the notebook.
        since: the moment, as ``ended_at`` of an execution.
        wait_s: how long at most, in seconds.
    """
    moment = datetime.fromisoformat(since)
    for _ in range(max(1, round(wait_s / _POLL_S))):
        told = (yield Ask(f"api/contents/{quote(path.strip('/'))}", params={"content": 0})).json()
        modified = datetime.fromisoformat(str(told.get("last_modified")))
        if modified >= moment:
            return True
        yield Pause(_POLL_S)
    return False


def kernel_languages() -> Call[dict[str, str]]:
    """The languages of the server's kernels by the names of their kernelspecs; that of the default under ``""``."""
    said = (yield Ask("api/kernelspecs")).json()
    specs = said.get("kernelspecs", {})
    found = {name: str(each.get("spec", {}).get("language", "")) for name, each in specs.items()}
    return {**found, "": found.get(str(said.get("default")), "")}


def artifact(digest: Digest | str) -> Call[bytes]:
    """An artifact's bytes, which hash to *digest*, or an error.

    Raises:
        ArtifactMissing: the server has no such.
        ArtifactCorrupt: something on the way has changed it, or the server's store has.
    """
    wanted = digest if isinstance(digest, Digest) else Digest.parse(digest)
    answer = yield Ask(f"{_API}/artifacts/{wanted.hex}", wait_s=600.0)
    if Digest.of(answer.content) != wanted:
        raise ArtifactCorrupt(f"what the server sent as {wanted.hex} hashes to something else")
    return answer.content


def original(output: Mapping[str, Any]) -> Call[dict[str, Any]]:
    """The output that a reference stands for, every byte verified; others, and those under way, as they are.

    Raises:
        ArtifactMissing, ArtifactCorrupt: it cannot be had.
    """
    reference = reference_in(output)
    found: dict[Digest, bytes] = {}
    for digest in () if reference is None else reference.digests:
        found[digest] = yield from artifact(digest)
        if isinstance(reference, LongStreamReference):
            for segment in from_index(found[digest]):
                found[segment.digest] = yield from artifact(segment.digest)
    return restore(output, found.__getitem__)


def stream_text(stream: StreamReference | LongStreamReference | LogReference | str) -> Calls[str]:
    """The text of a long stream, in pieces, and as it grows if it is being written.

    Args:
        stream: what ``reference_in(output)`` gives; or the id of a log, or the digest of an index.
    """
    start, after = 0, ""
    is_live = True
    while is_live:
        is_live = not isinstance(stream, StreamReference | LongStreamReference)
        if is_live:
            name = stream.log if isinstance(stream, LogReference) else str(stream)
            params: dict[str, str | int] = {"tail": 0, **({"after": after} if after else {})}
            told = (yield Ask(f"{_API}/streams/{quote(name, safe='')}/lines", params=params, wait_s=_WAIT_S)).json()
            is_live, after = bool(told.get("live")), str(told.get("revision", ""))
        is_last = False
        while not is_last:
            data, is_last = yield from lines_of(stream, start)
            if is_live and is_last:  # the unfinished line may still change
                data = data[: data.rfind(b"\n") + 1]
            start += len(data)
            if data:
                yield Found(data.decode("utf-8", "replace"))


def _of(which: Which) -> str:
    return f"{_API}/executions/{quote(which if isinstance(which, str) else which.id, safe='')}"


def _without_defaults(request: RunRequest) -> dict[str, Any]:
    """Servers of earlier versions know fewer fields, and refuse those that they do not know."""
    usual = RunRequest(None, None, ()).to_json()
    return {name: value for name, value in request.to_json().items() if usual.get(name) != value}


def _known(which: Which, *, after: str, wait_s: float) -> Call[Outputs]:
    """As :func:`outputs`, of an execution that there was."""
    try:
        return (yield from outputs(which, after=after, wait_s=wait_s))
    except NotFound as error:
        raise ServerAway(f"the server has forgotten this: {error}") from error


def _patiently(call: Callable[P, Call[T]], *args: P.args, **kwargs: P.kwargs) -> Call[T]:
    """Make a call that changes nothing, again and again for a while if the server is away."""
    for pause_s in _RETRIES_S:
        try:
            return (yield from call(*args, **kwargs))
        except ServerAway:
            yield Pause(pause_s)
    return (yield from call(*args, **kwargs))
