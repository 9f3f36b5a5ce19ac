"""What is run over HTTP puts out what nbclient writes for the same notebooks, and ends as nbclient says it did.

Where nbclient and JupyterLab differ, JupyterLab is followed, and other tests compare with that: an empty cell loses its
outputs, a cell tagged ``skip-execution`` is run, ``set_next_input`` and the pager are obeyed, streams of one name are
merged where they adjoin, a carriage return takes away only what is written over, and the state of widgets is in no
notebook.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from jupyter_crdt_outputs.testing.server import LabServer

from .runs import Told, new_runs, statuses

WIDGETS = "import ipywidgets as w\nfrom IPython.display import *\n"
SLEEPS = "import time\nprint('begun', flush=True)\ntime.sleep(60)"
DIES = "import os\nprint('last words', flush=True)\nimport time; time.sleep(0.3)\nos.kill(os.getpid(), 9)"


def held(*names: str) -> str:
    """A cell that shows what the kernel knows of what widgets have taken."""
    shown = "[(o.get('text') or o.get('ename') or o['data']) for o in each.outputs]"
    return f"[{shown} for each in ({''.join(f'{name}, ' for name in names)})]"


@dataclass(frozen=True)
class Run:
    """A notebook, and what both are asked to do with it.

    Attributes:
        sources: of its code cells.
        tags: of some of them.
        theirs: options of ``NotebookClient``.
        ours: of the request.
        raises: what nbclient ends with.
        ends: how each execution ends.
    """

    sources: tuple[str, ...]
    ends: tuple[str, ...]
    tags: Mapping[int, list[str]] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    ours: Mapping[str, Any] = field(default_factory=dict)
    raises: type[Exception] | None = None


def fine(*sources: str) -> Run:
    """All of it goes well."""
    return Run(sources, ("ok",) * len(sources))


GOES_ON: dict[str, Any] = {"theirs": {"allow_errors": True}, "ours": {"stop_on_error": False}}
INTERRUPTS: dict[str, Any] = {"timeout": 2, "interrupt_on_timeout": True}

RUNS = {
    "outputs of every kind": fine(
        "print('a')\ndisplay('b')\n'c'",
        "import sys\nprint('e', file=sys.stderr)\nNone",
        "from IPython.display import *\ndisplay(HTML('<b>h</b>'), metadata={'text/html': {'isolated': True}})",
        "x = 1",
        "print('é漢😀' * 5_000)",
        "'0123456789' * 100_000",
    ),
    "a bar of carriage returns": fine("for i in range(20):\n    print('\\r' + '#' * i, end='', flush=True)"),
    "an error ends it": Run(
        ("print('a')", "print('b')\n1 / 0", "print('never')"), ("ok", "error", "aborted"), raises=CellExecutionError
    ),
    "an error that was expected": Run(
        ("1 / 0", "raise ValueError('é' * 9)", "print('goes on')"),
        ("error", "error", "ok"),
        tags={0: ["raises-exception"], 1: ["raises-exception"]},
    ),
    "errors are allowed": Run(
        ("1 / 0", "import sys; sys.exit('bye')", "print('a'", "print('goes on')"),
        ("error", "error", "error", "ok"),
        **GOES_ON,
    ),
    "time is up": Run(
        (SLEEPS, "print('never')"),
        ("timeout", "aborted"),
        theirs=INTERRUPTS,
        ours={"timeout_s": 2},
        raises=CellExecutionError,
    ),
    "time is up, and it goes on": Run(
        (SLEEPS, "print('goes on')"),
        ("timeout", "ok"),
        theirs={**INTERRUPTS, "allow_errors": True},
        ours={"timeout_s": 2, "stop_on_error": False},
    ),
    "time is up, as was expected": Run(
        (SLEEPS, "print('goes on')"),
        ("timeout", "ok"),
        tags={0: ["raises-exception"]},
        theirs=INTERRUPTS,
        ours={"timeout_s": 2},
    ),
    "time is up, and the kernel goes": Run(
        (SLEEPS, "print('never')"),
        ("timeout", "aborted"),
        theirs={"timeout": 2},
        ours={"timeout_s": 2, "on_timeout": "shutdown"},
        raises=CellTimeoutError,
    ),
    "time enough": Run(
        ("import time; time.sleep(1.2)\n'slow'", "time.sleep(1.2)\n'slow'"),
        ("ok", "ok"),
        theirs={"timeout": 30},
        ours={"timeout_s": 30},
    ),
    "the kernel dies": Run(
        ("print('a')", DIES, "print('never')"), ("ok", "interrupted", "aborted"), raises=DeadKernelError
    ),
    "nobody to ask": Run(
        ("print('before')\ninput('name? ')", "print('never')"),
        ("error", "aborted"),
        ours={"allow_stdin": False},
        raises=CellExecutionError,
    ),
    "clear_output": fine(
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
        "print('gone')\nclear_output(wait=True)\nprint('stays')",
        "print('stays')\nclear_output(wait=True)",
        "print('gone')\nclear_output()",
        "for i in range(5):\n    clear_output(wait=True)\n    print('frame', i)\n    display(i)",
    ),
    "displays that are updated": fine(
        "h = display('first', display_id='a')\nprint('x')",
        "display('other', display_id='a')",
        "h.update({'text/html': '<b>now</b>'}, raw=True)\nprint('done')",
        "display('lost', display_id='nobody', update=True)",
        "g = display('g', display_id='g')\nfor i in range(50):\n    g.update(i)",
    ),
    "an Output that captures": fine(
        WIDGETS + "o = w.Output()\nprint('cell')\nwith o:\n    print('in')\n    display('shown')\nprint('cell again')",
        held("o"),
        "with o:\n    print('later')\nprint('own')",
        held("o"),
    ),
    "an Output that is cleared": fine(
        WIDGETS + "a, b = w.Output(), w.Output()\nwith a:\n    print('gone')\n    clear_output()\n    print('stays')",
        "for i in range(3):\n    with b:\n        clear_output(wait=True)\n        print('frame', i)",
        held("a", "b"),
        "with a:\n    clear_output()",
        "a.clear_output(); b.clear_output(wait=True)",
        held("a"),
    ),
    "Outputs in Outputs": fine(
        WIDGETS + "a, b = w.Output(), w.Output()\nwith a:\n    print('a')\n    with b:\n        print('b')\n"
        "        display('shown')\n    print('a again')\nprint('cell')",
        held("a", "b"),
    ),
    "an Output that the kernel fills": fine(
        WIDGETS + "o = w.Output()\no.append_stdout('one ')\no.append_stdout('two\\n')\no.append_display_data('three')",
        held("o"),
    ),
    "an error in an Output": fine(
        WIDGETS + "o = w.Output()\nwith o:\n    1 / 0\nprint('after')", "[each['ename'] for each in o.outputs]"
    ),
    "a function whose output is captured": fine(
        WIDGETS + "o = w.Output()\n@o.capture(clear_output=True)\ndef f(x):\n    print('call', x)\n    return x",
        "f(1)\nf(2)",
        held("o"),
    ),
}
SHORT = ("time is up, and it goes on", "an Output that is cleared")


@pytest.mark.long
@pytest.mark.parametrize("name", RUNS if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else SHORT)
async def test_puts_out_what_nbclient_does_and_ends_as_it_does(name: str, server: LabServer) -> None:
    run = RUNS[name]
    expected = await in_nbclient(run, server.root_dir)
    runs = new_runs(server, run.sources, tags=dict(run.tags))
    told = await runs.run(**run.ours)
    await runs.saved_as(lambda cells: comparable(cells, run) == expected)
    assert comparable(runs.cells(), run) == expected
    assert tuple(statuses(told)) == run.ends
    await runs.shut_down()


@pytest.mark.long
@pytest.mark.skipif(os.environ.get("CRDT_OUTPUTS_LONG") != "1", reason="in the long run, with all that is compared")
async def test_times_have_the_names_that_nbclient_gives_them(server: LabServer) -> None:
    theirs = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    await nbclient.NotebookClient(theirs, record_timing=True).async_execute()
    runs = new_runs(server, ["1"])
    await runs.run(record_timing=True)
    names = set(theirs.cells[0]["metadata"]["execution"])
    await runs.saved_as(lambda cells: names <= set(cells[0]["metadata"].get("execution", {})))
    await runs.shut_down()


async def in_nbclient(run: Run, folder: Path) -> list[Told]:
    """What nbclient makes of it, made comparable."""
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": run.tags.get(index, [])})
        for index, source in enumerate(run.sources)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(notebook, resources=resources, coalesce_streams=True, **run.theirs)
    async with asyncio.timeout(100):  # it knows no limit of its own when a kernel's words are lost
        if run.raises is None:
            await client.async_execute()
        else:
            with pytest.raises(run.raises):
                await client.async_execute()
    return comparable(json.loads(json.dumps(notebook.cells)), run)


def comparable(cells: list[dict[str, Any]], run: Run) -> list[dict[str, Any]]:
    """The outputs of cells, and the counts of those that the kernel has answered: JupyterLab shows no other count."""
    return [
        {
            "count": cell["execution_count"] if end in ("ok", "error") else None,
            "outputs": [_comparable(output) for output in cell["outputs"]],
        }
        for cell, end in zip(cells, run.ends, strict=True)
    ]


def _comparable(output: dict[str, Any]) -> dict[str, Any]:
    """Where the kernel was in its code when it was interrupted is a matter of chance."""
    if output.get("ename") == "KeyboardInterrupt":
        return {**output, "traceback": []}
    return output
