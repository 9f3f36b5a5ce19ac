"""What an execution puts out, as it comes."""

from __future__ import annotations

from ..errors import NotFound, ServerAway
from ..model.execution_state import Outputs
from .asking import WAIT_S, Which, address_of, patiently
from .events import Asked, Ended, Event
from .steps import Ask, Call, Calls, Found
from .streams import lines_of
from .transcript import Rest, Transcript


def outputs(which: Which, *, after: str = "", wait_s: float = 0.0) -> Call[Outputs]:
    """What an execution has put out so far, as the live document has it.

    Args:
        which: the execution.
        after: a revision that was seen: another one is waited for,
        wait_s: for so long at most, up to 60 seconds.
    """
    params: dict[str, str | float] = {"after": after, "wait_s": wait_s} if after else {}
    answer = yield Ask(f"{address_of(which)}/outputs", params=params, wait_s=wait_s if after else 0.0)
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
            seen = yield from patiently(_known, which, after=after, wait_s=WAIT_S)
        after = seen.revision
        if seen.outputs is not None:
            told = transcript.update(seen.outputs)
            happened = next(told, None)
            while happened is not None:
                data = None
                if isinstance(happened, Rest):
                    data = yield from patiently(lines_of, happened.stream, happened.start)
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


def _known(which: Which, *, after: str, wait_s: float) -> Call[Outputs]:
    """As :func:`outputs`, of an execution that there was."""
    try:
        return (yield from outputs(which, after=after, wait_s=wait_s))
    except NotFound as error:
        raise ServerAway(f"the server has forgotten this: {error}") from error
