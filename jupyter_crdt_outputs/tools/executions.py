"""``ps``, ``logs``, ``stop``, and ``outputs``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..client import Ended
from ..client.transcript import stream_name
from ..model.digest import Digest
from ..model.execution_state import Execution
from ..model.executions import UNFINISHED
from .notebook_reading import read_notebook
from .output import age_text, count_text, print_json, print_table
from .place import Place, place_of
from .refused import Refused
from .running_display import Display, explain, tell, to_json
from .running_place import client_of
from .running_sinks import sink, without_escapes
from .running_text import Texts, is_error


def ps(options: argparse.Namespace) -> int:
    """List executions."""
    with client_of(options) as client:
        found = client.executions(path=options.notebook, limit=min(max(options.limit, 1), 1000))
    if not options.all:
        found = [each for each in found if not each.record.is_finished]
    if options.json:
        print_json({"executions": [to_json(each) for each in found]})
        return 0
    if found:
        print_table([("execution", "notebook", "cell", "user", "kernel", "age", "status"), *map(_row, found)])
    return 0


def logs(options: argparse.Namespace) -> int:
    """Show what an execution has put out."""
    with client_of(options) as client:
        display = Display(sink(sys.stdout), sink(sys.stderr), Texts(client.artifact, options.images, client.url))
        execution = client.execution(options.execution)
        for event in client.follow(options.execution, until_now=not options.follow):
            if options.json:
                tell(event, execution.id)
            else:
                display.show(event, {})
            if isinstance(event, Ended):
                execution = event.execution
        display.end()
    if not options.json:
        explain(execution)
    return 0 if execution.record.status in ("ok", *UNFINISHED) else 1


def stop(options: argparse.Namespace) -> int:
    """Cancel executions."""
    if bool(options.executions) == bool(options.all or options.notebook):
        raise Refused("name executions, or a notebook, or give --all")
    with client_of(options) as client:
        if options.executions:
            for execution_id in options.executions:
                client.cancel(execution_id)
            stopped = [client.execution(execution_id) for execution_id in options.executions]
        else:
            stopped = client.cancel_all(path=options.notebook)
    if options.json:
        print_json({"executions": [to_json(each) for each in stopped]})
    else:
        print(f"{count_text(len(stopped), 'execution')} cancelled")
    return 0


def outputs(options: argparse.Namespace) -> int:
    """Print all outputs of a notebook, as it was last saved."""
    if options.server:
        with client_of(options) as client:
            cells = client.notebook(options.notebook)["cells"]
            return _print(cells, options, Texts(client.artifact, options.images, client.url))
    cells = read_notebook(Path(options.notebook)).notebook["cells"]

    place: list[Place] = []  # opened when it is needed

    def read(digest: Digest) -> bytes:
        if not place:
            place.append(place_of(options))
        return place[0].originals().get(digest)

    return _print(cells, options, Texts(read, options.images))


def _print(cells: Sequence[Any], options: argparse.Namespace, texts: Texts) -> int:
    out = sink(sys.stdout)
    for index, cell in enumerate(cells):
        found = [(_kind(output), _text(output, texts)) for output in cell.get("outputs") or ()]
        if options.json and found:
            said = [{"type": kind, "text": without_escapes(text, keep_colours=False)} for kind, text in found]
            print_json({"cell": cell.get("id"), "index": index, "outputs": said})
        elif not options.json:
            for _, text in found:
                out.show(text if text.endswith("\n") or not text else f"{text}\n")
    return 0


def _text(output: Mapping[str, Any], texts: Texts) -> str:
    if stream_name(output) is None:
        return texts.error(output) if is_error(output) else texts.bundle(output)
    return texts.stream(output)


def _kind(output: Mapping[str, Any]) -> str:
    return stream_name(output) or ("error" if is_error(output) else str(output.get("output_type")))


def _row(execution: Execution) -> tuple[str, ...]:
    record = execution.record
    begun = datetime.fromisoformat(record.started_at or record.queued_at).timestamp()
    status = f"{record.status} ({record.error})" if record.error else record.status
    shown = (record.id, record.path, record.cell, record.user, record.kernel_name, age_text(begun), status)
    return tuple(without_escapes(text, keep_colours=False) for text in shown)
