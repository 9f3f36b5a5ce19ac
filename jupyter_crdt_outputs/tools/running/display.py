"""What happens to an execution, for people or as JSON."""

from __future__ import annotations

import dataclasses
import getpass
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ...client import Asked, Changed, Cleared, Ended, Event, Shown, Text
from ...model.execution_state import Execution, Prompt
from ..output import print_json, warn
from ..typed import typed
from .sinks import Sink
from .texts import Texts, is_error

STDIN_ENDED = "the cell asks for input, and there is none"


class Display:
    """Shows executions, one after another.

    Args:
        out: takes what is printed to stdout, and results.
        err: takes what is printed to stderr, and errors.
        texts: makes text of outputs.
    """

    def __init__(self, out: Sink, err: Sink, texts: Texts) -> None:
        self._out = out
        self._err = err
        self._texts = texts
        self._typed = False

    def show(self, event: Event, streams: Mapping[str, Sink]) -> None:
        """Show what happened.

        Args:
            event: that.
            streams: where the cell's streams go that are led elsewhere.
        """
        if isinstance(event, Text):
            self._print(event, streams)
        elif isinstance(event, Shown | Changed):
            self._end(streams)
            if is_error(event.output):
                self._err.show(self._texts.error(event.output))
            else:
                self._out.show(self._texts.bundle(event.output))
        elif isinstance(event, Cleared | Ended):
            self._end(streams)

    def ask(self, prompt: Prompt) -> str | None:
        """Have the terminal answer; None when nobody is there."""
        if not sys.stdin.isatty():
            line = sys.stdin.readline()
            return typed(line.rstrip("\n")) if line else None
        self._typed = True
        self._out.end()
        text = f"{prompt.text} " if prompt.text and not prompt.text.endswith(" ") else prompt.text
        if prompt.is_secret:
            return typed(getpass.getpass(text))
        try:
            return typed(input(text))
        except EOFError:
            return None

    def end(self) -> None:
        """Finish the line."""
        self._end({})

    def _print(self, text: Text, streams: Mapping[str, Sink]) -> None:
        if text.name == "stdin" and self._typed:  # the terminal has it
            return
        name = "stderr" if text.name == "stderr" else "stdout"
        sink = streams.get(name, self._err if name == "stderr" else self._out)
        sink.write(text.text, returns=text.returns)

    def _end(self, streams: Mapping[str, Sink]) -> None:
        for sink in (self._out, self._err, *streams.values()):
            sink.end()


def tell(event: Event, execution_id: str) -> None:
    """The same as a line of JSON."""
    kind = type(event).__name__.lower()
    said: dict[str, Any] = {"event": kind, "execution": execution_id}
    if isinstance(event, Ended):
        said["execution"] = to_json(event.execution)
    elif isinstance(event, Asked):
        said |= {"prompt": event.prompt.text, "password": event.prompt.is_secret}
    else:
        said |= dataclasses.asdict(event)
    print_json(said)
    sys.stdout.flush()


def to_json(execution: Execution) -> dict[str, Any]:
    """An execution for programs, as the server tells it."""
    return execution.record.to_json() | {"message": execution.message}


def explain(execution: Execution, say: Callable[[str], None] = warn) -> None:
    """Say why a cell did not run or end as it should, where its outputs do not."""
    record = execution.record
    if record.status not in ("ok", "error", "cancelled", "aborted") or execution.message:
        why = execution.message or record.error
        say(f"cell {record.cell}: {record.status}{f': {why}' if why else ''}")
