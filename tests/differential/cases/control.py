"""What is in the file already, and what happens while a cell runs."""

from __future__ import annotations

from ..steps import AwaitText, Command, Edit, Rename, Restart, RunAll, RunCell, Settle
from .case import DISPLAY, Case, Cell, bulk, run

_PNG_OUTPUT = {
    "output_type": "display_data",
    "data": {"image/png": "iVBORw0KGgo" + "A" * 20_000 + "\n", "text/plain": "<Figure>"},
    "metadata": {"image/png": {"width": 20}},
}

FILES: dict[str, Case] = {
    "markdown and raw cells": run(
        Cell("# Title\n\n$x^2$", "markdown"),
        Cell("raw <b>text</b>", "raw", metadata={"raw_mimetype": "text/html"}),
        "1",
        Cell("![a](attachment:a.png)", "markdown", attachments={"a.png": {"image/png": "iVBORw0KGgoAAAANSUhEUg=="}}),
    ),
    "a notebook of nbformat 4.4": bulk("print('x')", DISPLAY + "Image(png(30_000))", Cell("text", "markdown"), minor=4),
    "cell metadata": run(
        Cell("print('x')", metadata={"tags": ["a", "b"], "custom": {"x": [1, 2.5, None]}, "scrolled": True}),
        Cell("print('hidden')", metadata={"jupyter": {"outputs_hidden": True}, "collapsed": True}),
        Cell("print('closed')", metadata={"jupyter": {"source_hidden": True}}),
    ),
    "an empty notebook": run(""),
    "outputs in the file, only opened and edited": bulk(
        Cell("a", outputs=(_PNG_OUTPUT,), execution_count=7),
        Cell("b", outputs=({"output_type": "stream", "name": "stdout", "text": "line\n" * 5_000},), execution_count=8),
        Cell(
            "c",
            outputs=({"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t" * 20_000]},),
            execution_count=9,
        ),
        Cell(
            "d",
            outputs=({"output_type": "stream", "name": "stderr", "text": ["one\n", "two\n"]},),
            execution_count=None,
        ),
        steps=(Command("notebook:insert-cell-below", cell=0),),
    ),
    "a run over outputs in the file": run(
        Cell("print('new')", outputs=(_PNG_OUTPUT,), execution_count=7),
        Cell("# nothing", outputs=({"output_type": "stream", "name": "stdout", "text": "old"},), execution_count=8),
        Cell("", outputs=({"output_type": "stream", "name": "stdout", "text": "old"},), execution_count=9),
    ),
    "two streams of one name in the file": run(
        Cell(
            "a",
            outputs=tuple({"output_type": "stream", "name": "stdout", "text": t} for t in ("one\n", "two\n")),
            execution_count=1,
        ),
        steps=(Command("notebook:insert-cell-below", cell=0),),
    ),
    "a second run of all": bulk(
        DISPLAY + "print('a')\nImage(png(30_000))",
        "_ + '' if isinstance(_, str) else 'b'",
        steps=(RunAll(), Settle(), RunAll()),
    ),
}

CONTROL: dict[str, Case] = {
    "an interrupt": run(
        "import time\nprint('begun')\ntime.sleep(30)",
        "print('never')",
        steps=(RunAll(), AwaitText("begun\n"), Command("notebook:interrupt-kernel")),
        kinds_only=True,
    ),
    "a restart with queued cells": run(
        "print('before')",
        # It cannot be interrupted, so the kernel is killed: one that ends by itself may run what is queued.
        "import time\nprint('begun')\nfor _ in range(300):\n    try: time.sleep(0.1)\n    except BaseException: pass",
        "print('never')",
        steps=(RunAll(), AwaitText("begun\n"), Restart()),
    ),
    "a restart, then all again": run("print('before')", "1", steps=(RunAll(), Settle(), Restart(), Settle(), RunAll())),
    "a kernel that dies": run(
        "print('before')",
        "import os\nprint('last words', flush=True)\nimport time; time.sleep(0.2)\nos.kill(os.getpid(), 9)",
        "print('never')",
        kinds_only=True,
    ),
    "a cell deleted while it runs": run(
        "print('stays')",
        "import time\nprint('begun')\ntime.sleep(0.8)\nprint('lost')",
        "print('after')",
        steps=(RunAll(), AwaitText("begun\n"), Command("notebook:delete-cell", cell=1), AwaitText("after\n")),
    ),
    "a cell moved while it runs": run(
        "import time\nprint('begun')\ntime.sleep(0.8)\nprint('rest')\n7",
        "print('after')",
        steps=(RunAll(), AwaitText("begun\n"), Command("notebook:move-cell-down", cell=0), AwaitText("after\n")),
    ),
    "a cell inserted above while one runs": run(
        "import time\nprint('begun')\ntime.sleep(0.8)\nprint('rest')",
        "print('after')",
        steps=(RunAll(), AwaitText("begun\n"), Command("notebook:insert-cell-above", cell=0), AwaitText("after\n")),
    ),
    "a notebook renamed while it runs": run(
        "import time\nprint('begun')\ntime.sleep(1.5)\nprint('rest')",
        "print('after')",
        steps=(RunAll(), AwaitText("begun\n"), Rename("renamed"), AwaitText("after\n")),
    ),
    "the source edited while it runs": run(
        "import time\nprint('begun')\ntime.sleep(0.8)\nprint('rest')",
        steps=(RunAll(), AwaitText("begun\n"), Edit(0, "other"), AwaitText("rest\n")),
    ),
    "outputs cleared while it runs": run(
        "import time\nprint('begun')\ntime.sleep(0.8)\nprint('rest')",
        steps=(RunAll(), AwaitText("begun\n"), Command("notebook:clear-cell-output", cell=0), AwaitText("rest\n")),
    ),
}

TWO_BROWSERS: dict[str, Case] = {
    "a second browser runs another cell": run(
        "import time\nprint('first')\ntime.sleep(0.5)\nprint('first rest')",
        "print('second')\n2",
        steps=(RunCell(0), AwaitText("first\n"), RunCell(1, browser=1), Settle(browser=1)),
        second_browser=True,
    ),
    "a second browser runs the same cell again": run(
        "print('ran')\n1", steps=(RunCell(0), Settle(), RunCell(0, browser=1), Settle(browser=1)), second_browser=True
    ),
    "a second browser watches a large output": bulk(
        DISPLAY + "print('x')\ndisplay(Image(png(60_000)))\nprint(words(30_000))", second_browser=True
    ),
    "a second browser updates a display of the first": run(
        "h = display('a', display_id='q')\nprint('x')",
        "h.update('b')",
        steps=(RunCell(0), Settle(), RunCell(1, browser=1), Settle(browser=1)),
        second_browser=True,
        stock_view_is_wrong=True,
    ),
}
