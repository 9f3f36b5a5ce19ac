"""Displays, their updates and their bundles."""

from __future__ import annotations

from ..steps import RunAll, RunCell, Settle
from .case import DISPLAY, Case, bulk, run

DISPLAYS: dict[str, Case] = {
    "an update of a display": run("h = display('first', display_id=True)\nh.update('second')"),
    "an update from another cell": run("h = display('first', display_id='a')", "h.update('second')\nprint('done')"),
    "updates again and again": run("h = display('x', display_id='b')\nfor i in range(60):\n    h.update(f'x{i}')"),
    "updates with pauses": run(
        "import time\nh = display('x', display_id='b')\nfor i in range(6):\n    h.update(f'x{i}')\n    time.sleep(0.06)"
    ),
    "an update of an unknown display": run("display('lost', display_id='nobody', update=True)\nprint('after')"),
    "two displays of one id in a cell": run("display('a', display_id='c')\ndisplay('b', display_id='c')"),
    "one id in two cells, updated from a third": run(
        "display('a', display_id='d')", "display('b', display_id='d')", "display('c', display_id='d', update=True)"
    ),
    "an update between streams": run(
        "print('1')\nh = display('first', display_id='e')\nprint('2')\nh.update('second')\nprint('3')"
    ),
    "an update that changes the type": run(
        DISPLAY + "h = display('text', display_id='f')\nh.update(HTML('<i>html</i>'))\nprint('x')"
    ),
    "an update after clear_output": run(
        DISPLAY + "h = display('a', display_id='g')\nclear_output()\nprint('cleared')\nh.update('b')"
    ),
    "an update after the cell ran again": run(
        "h = display('first', display_id='h')",
        "h.update('second')",
        steps=(RunAll(), Settle(), RunCell(0), Settle(), RunCell(1)),
    ),
    "an update from small to large": bulk(
        DISPLAY + "h = display('small', display_id='i')\nprint('x')\nh.update(Image(png(60_000)))"
    ),
    "an update from large to small": run(
        DISPLAY + "h = display(Image(png(60_000)), display_id='j')\nprint('x')", "h.update('small')"
    ),
    "updates of a large picture from another cell": bulk(
        DISPLAY + "h = display(Image(png(60_000)), display_id='k')",
        "for i in range(4): h.update(Image(png(50_000 + i * 999)))",
    ),
    "an update of a display in an earlier position": run(
        "hs = [display(i, display_id=f'l{i}') for i in range(5)]\nhs[1].update('one')\nhs[3].update('three')\n"
        "print('end')"
    ),
    "transient data": run("display('x', display_id='m', transient={'secret': 1})"),
    "a progress bar of IPython": run("from IPython.display import ProgressBar\nfor i in ProgressBar(5): pass"),
    "many displays": run("for i in range(200):\n    display(i)"),
    "many displays that wait": run("import time\nfor i in range(20):\n    display(i)\n    time.sleep(0.02)"),
    "many large displays": bulk(DISPLAY + "for i in range(30):\n    display(Image(png(20_000 + 768 * i)))"),
    "an empty bundle": run("display({}, raw=True)\nprint('after')"),
    "unknown MIME types": run(
        "display({'application/x-nobody': 'a', 'text/plain': 'plain'}, raw=True)\n"
        "display({'application/x-nobody': 'alone'}, raw=True)\nprint('after')"
    ),
    "a large unknown MIME type": bulk(
        "display({'application/x-nobody': 'a' * 50_000, 'text/plain': 'plain'}, raw=True)"
    ),
    "a large unknown JSON type": bulk(
        "display({'application/x-nobody+json': {'a': list(range(20_000))}, 'text/plain': 'plain'}, raw=True)"
    ),
    "a bundle of many types": run(
        DISPLAY + "display({'text/html': '<b>html</b>', 'text/markdown': '*md*', 'text/plain': 'plain'}, raw=True)"
    ),
    "a bundle of large types": bulk(
        DISPLAY + "import base64\ndisplay({'text/html': '<p>' + words(20_000) + '</p>', "
        "'image/png': base64.b64encode(png(20_000)).decode(), 'text/plain': words(20_000)}, raw=True)"
    ),
    "output metadata": run(
        "display({'text/plain': 'x'}, raw=True, metadata={'a': {'b': [1, None]}, 'text/plain': {'c': 1}})"
    ),
    "output metadata of a large output": bulk(
        DISPLAY + "display({'text/plain': words(20_000)}, raw=True, metadata={'a': {'b': [1, None, 2.5]}})"
    ),
}
