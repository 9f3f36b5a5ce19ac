"""``run``: cells of a notebook, with what they put out as it comes."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ...client import Asked, Client, Ended
from ...client.own_name import own_name
from ...errors import CrdtOutputsError, NotFound, NotNow
from ...model.execution_state import Execution, Prompt
from ...model.executions import Selector
from ..output import count_text, warn
from .display import STDIN_ENDED, Display, explain, tell
from .parameters import PARAMETERS, appendix, tags_of
from .place import place_of
from .redirection import wanted_by
from .saved import is_saved
from .sinks import Sink, file_sink, sink
from .texts import Texts

OUT_OF_TIME = 124
"""As ``timeout`` of coreutils."""

INTERRUPTED = 130

STALE = Selector("stale", "")


def run(options: argparse.Namespace) -> int:
    """Run cells; the exit code tells how they ended."""
    try:
        with place_of(options) as place:
            running = Running(options, place.client, place.path, is_lasting=place.is_lasting)
            try:
                return running.run()
            except KeyboardInterrupt:
                if place.is_lasting and running.has_begun:
                    warn("\nnot waited for: what its kernel does is listed by `jupyter crdt-outputs ps`")
                    return INTERRUPTED
                raise
    except KeyboardInterrupt:
        warn("\ninterrupted")
        return INTERRUPTED


class Running:
    """One run.

    Args:
        options: as they were given.
        client: of the server that has the notebook.
        path: of the notebook there.
        is_lasting: whether the server stays when this ends.
    """

    def __init__(self, options: argparse.Namespace, client: Client, path: str, *, is_lasting: bool) -> None:
        self._options = options
        self._client = client
        self._path = path
        self._is_lasting = is_lasting
        texts = Texts(client.artifact, options.images, client.url if is_lasting else None)
        self._display = Display(sink(sys.stdout), sink(sys.stderr), texts)
        self._streams = {
            name: file_sink(getattr(options, name)) for name in ("stdout", "stderr") if getattr(options, name)
        }
        self._run_id: str | None = None
        self._interrupts = 0
        self._is_asking = False

    @property
    def has_begun(self) -> bool:
        """Whether cells were queued."""
        return self._run_id is not None

    def run(self) -> int:
        """Start the cells and follow them; returns the exit code."""
        options = self._options
        cells = [Selector.parse(each) for each in options.cells or ["all"]]
        parameters = None
        if options.parameters:
            parameters = appendix(self._client, self._path, options.kernel, options.parameters)
            if not any(each.kind == "all" for each in cells):
                cells.insert(0, PARAMETERS)
        with self._interruptible():
            executions = self._client.start(
                self._path,
                cells,
                kernel=options.kernel,
                restart=options.restart,
                stop_on_error=not options.keep_going,
                timeout_s=options.timeout,
                append=parameters,
                env=dict(options.env),
                claimed_name=own_name() if options.name is None else options.name or None,
            )
            if not executions and cells == [STALE] and not options.json:
                warn(f"nothing is stale in {self._path}")
            if executions:
                self._run_id = executions[0].record.run
            if self._interrupts:
                self._cancel()
            ended = [self._follow(execution) for execution in executions]
            self._see_it_saved(ended)
        not_run = [execution for execution in ended if execution.record.status == "aborted" and not execution.message]
        if not_run and not options.json:
            warn(f"{count_text(len(not_run), 'cell')} not run")
        return self._code(ended)

    def _follow(self, execution: Execution) -> Execution:
        streams = self._streams | self._wanted(execution)
        for event in self._client.follow(execution):
            if self._options.json:
                tell(event, execution.id)
            else:
                self._display.show(event, streams)
            if isinstance(event, Asked):
                self._answer(execution, event.prompt)
            elif isinstance(event, Ended):
                execution = event.execution
        if not self._options.json and not self._interrupts:
            explain(execution)
        return execution

    def _see_it_saved(self, ended: list[Execution]) -> None:
        """What comes after this command may read the file; our own server saves it when it ends."""
        try:
            if self._is_lasting and not is_saved(self._client, self._path, ended):
                warn(f"{self._path} is not saved yet; the server does so as soon as it can")
        except NotFound:
            warn(f"{self._path} is no longer there: it was renamed or deleted while it ran")

    def _wanted(self, execution: Execution) -> dict[str, Sink]:
        """Where a cell wants its streams: files of a folder that somebody has named for that, and no others."""
        folder = self._options.redirect_dir
        if folder is None:
            return {}
        cells = self._client.notebook(self._path)["cells"]
        cell = next((cell for cell in cells if cell.get("id") == execution.record.cell), None)
        return {} if cell is None else wanted_by(cell, folder)

    def _answer(self, execution: Execution, prompt: Prompt) -> None:
        self._is_asking = True
        try:
            value = None if self._interrupts else self._display.ask(prompt)
        except KeyboardInterrupt:
            self._cancel()
            return
        finally:
            self._is_asking = False
        if value is None:
            if not self._interrupts:
                warn(STDIN_ENDED)
            self._cancel()
            return
        with suppress(NotNow):  # somebody else was quicker
            self._client.answer(execution, value)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C ends what the kernel does; a second one ends the waiting for that."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupts += 1
        if self._interrupts > 1 or self._is_asking:
            raise KeyboardInterrupt
        if self._run_id is not None:
            threading.Thread(target=self._cancel, daemon=True).start()  # the client's locks may be held here

    def _cancel(self) -> None:
        try:
            self._client.cancel_all(run=self._run_id)
        except CrdtOutputsError as error:
            warn(f"not interrupted: {error}")

    def _code(self, ended: list[Execution]) -> int:
        if self._interrupts:
            return INTERRUPTED
        failed = [execution.record for execution in ended if execution.record.status != "ok"]
        if any(record.status == "timeout" for record in failed):
            return OUT_OF_TIME
        if failed and all(record.status == "error" for record in failed):
            expected: set[object] = set()
            with suppress(NotFound):  # renamed meanwhile
                cells = self._client.notebook(self._path)["cells"]
                expected = {cell.get("id") for cell in cells if "raises-exception" in tags_of(cell)}
            failed = [record for record in failed if record.cell not in expected]
        return 1 if failed else 0
