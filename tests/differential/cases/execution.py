"""Results, errors, and what the front end does with a reply."""

from __future__ import annotations

from ..steps import AwaitText, Command, RunAll, RunCell, Settle, Type
from .case import DISPLAY, Case, Cell, bulk, run

RESULTS: dict[str, Case] = {
    "a result": run("1 + 1", "_ + 1", "Out[2]"),
    "no result": run("x = 1", "None", "# nothing", "", "x;"),
    "a large plain result": bulk("list(range(20_000))", "'x' * 50_000"),
    "a print and a result": run("print('printed')\n42"),
    "execution counts": run("1", "2", "3", steps=(RunAll(), Settle(), RunCell(1), Settle(), RunCell(0))),
    "the same cell run twice at once": run(
        "import time\ntime.sleep(0.3)\nprint('ran')\n5", steps=(RunCell(0), RunCell(0)), kinds_only=False
    ),
    "an error": run("1 / 0"),
    "an error after output": run("print('before')\ndisplay('shown')\nraise ValueError('text')"),
    "an error stops what follows": run("print('a')", "1 / 0", "print('never')", "print('nor this')"),
    "an allowed error stops nothing": run(Cell("1 / 0", metadata={"tags": ["raises-exception"]}), "print('goes on')"),
    "a syntax error": run("print('a'"),
    "an error with a chain": run(
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('second') from e"
    ),
    "a large error": bulk("raise ValueError('m' * 60_000)"),
    "an error with markup in it": run("raise ValueError('<b>bold?</b> http://example.org')"),
    "a keyboard interrupt by code": run("raise KeyboardInterrupt('by hand')"),
    "a system exit": run("import sys\nsys.exit(3)"),
    "warnings": run(
        "import warnings\nwarnings.filterwarnings('always')\nwarnings.warn_explicit('care', UserWarning, 'f.py', 3)"
    ),
}

FRONT_END: dict[str, Case] = {
    "help in the pager": run("len?"),
    "help after output": run(
        "print('x')\nget_ipython().run_line_magic('pinfo', 'len')\nprint('y', flush=True)\nimport time; time.sleep(0.2)"
    ),
    "the next input": run("get_ipython().set_next_input('print(\"next\")')\nprint('a')"),
    "a replaced input": run("get_ipython().set_next_input('print(\"replaced\")', replace=True)"),
    "an input": run("name = input('name? ')\nprint('hello', name)", steps=(RunAll(), Type("Ada"))),
    "two inputs": run("a = input('a? ')\nb = input('b? ')\na + b", steps=(RunAll(), Type("one"), Type("two"))),
    "a password": run("import getpass\nlen(getpass.getpass('pw? '))", steps=(RunAll(), Type("secret"))),
    "an input between prints": run(
        "print('before')\nx = input('x? ')\nprint('after', x)\ny = input('y? ')\nprint('end', y)",
        # A question may overtake what was printed before it, and a machine answers at once.
        steps=(RunAll(), AwaitText("before"), Type("1"), AwaitText("after 1"), Type("2")),
    ),
    "clearing all outputs": run(
        "print('a')", "1", steps=(RunAll(), Settle(), Command("notebook:clear-all-cell-outputs"))
    ),
    "clearing a large output": run(
        DISPLAY + "Image(png(50_000))", steps=(RunAll(), Settle(), Command("notebook:clear-cell-output", cell=0))
    ),
    "a copied cell with a large output": bulk(
        DISPLAY + "Image(png(50_000))",
        steps=(
            RunAll(),
            Settle(),
            Command("notebook:copy-cell", cell=0),
            Command("notebook:paste-cell-below", cell=0),
        ),
    ),
    "a cell moved after it ran": bulk(
        DISPLAY + "Image(png(50_000))",
        "print('b')",
        steps=(RunAll(), Settle(), Command("notebook:move-cell-down", cell=0)),
    ),
    "a deleted cell comes back by undo": bulk(
        DISPLAY + "Image(png(50_000))",
        "print('b')",
        steps=(
            RunAll(),
            Settle(),
            Command("notebook:delete-cell", cell=0),
            Settle(),
            Command("notebook:undo-cell-action"),
        ),
    ),
}
