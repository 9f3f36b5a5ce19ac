"""``ps``, ``logs``, and ``stop``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from functools import partial

from ...client import Client, Ended
from ...model.execution_state import Execution
from ...model.executions import UNFINISHED
from ...model.people import name_of
from ..output import age_text, count_text, print_json, print_table
from ..refused import Refused
from .display import Display, explain, tell, to_json
from .place import client_of
from .sinks import sink, without_escapes
from .texts import Texts


def ps(options: argparse.Namespace) -> int:
    """List executions."""
    with client_of(options) as client:
        limit = min(max(options.limit, 1), 1000)
        found = client.executions(path=options.notebook, unfinished=not options.all, limit=limit)
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
            stopped = [each for each in map(partial(_stopped, client), options.executions) if each is not None]
        else:
            stopped = client.cancel_all(path=options.notebook)
    if options.json:
        print_json({"executions": [to_json(each) for each in stopped]})
    else:
        print(f"{count_text(len(stopped), 'execution')} cancelled")
    return 0


def _stopped(client: Client, execution_id: str) -> Execution | None:
    record = client.execution(execution_id).record
    if record.status not in UNFINISHED:
        print(f"{execution_id} had ended already: {record.status}", file=sys.stderr)
        return None
    client.cancel(execution_id)
    return client.execution(execution_id)


def _row(execution: Execution) -> tuple[str, ...]:
    record = execution.record
    begun = datetime.fromisoformat(record.started_at or record.queued_at).timestamp()
    status = f"{record.status} ({record.error})" if record.error else record.status
    user = name_of(record.user, record.claimed_name)
    shown = (record.id, record.path, record.cell, user, record.kernel_name, age_text(begun), status)
    return tuple(without_escapes(text, keep_colours=False) for text in shown)
