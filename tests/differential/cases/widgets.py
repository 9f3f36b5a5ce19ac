"""Widgets that capture output, and output that comes after its cell."""

from __future__ import annotations

from ..steps import AwaitText, Rest, RunAll, Settle
from .case import DISPLAY, Case, bulk, run

_WIDGETS = "import ipywidgets as w\nfrom IPython.display import *\n"

WIDGETS: dict[str, Case] = {
    "a widget": run(_WIDGETS + "w.IntSlider(value=3, description='n')"),
    "a widget between prints": run(_WIDGETS + "print('a')\ndisplay(w.Label('label'))\nprint('b')"),
    "an Output that captures": run(
        _WIDGETS + "o = w.Output()\ndisplay(o)\nprint('outside')\nwith o:\n    print('inside')\n    display('shown')\n"
        "print('after')"
    ),
    "an Output filled from a later cell": run(
        _WIDGETS + "o = w.Output()\no", "with o:\n    print('later')\nprint('own')"
    ),
    "an Output cleared and filled again": run(
        _WIDGETS + "o = w.Output()\ndisplay(o)\nfor i in range(3):\n    with o:\n        clear_output(wait=True)\n"
        "        print('frame', i)"
    ),
    "nested Outputs": run(
        _WIDGETS + "a, b = w.Output(), w.Output()\ndisplay(a)\nwith a:\n    print('in a')\n    display(b)\n"
        "    with b:\n        print('in b')\n    print('in a again')\nprint('outside')"
    ),
    "append_stdout of an Output": run(
        _WIDGETS
        + "o = w.Output()\ndisplay(o)\no.append_stdout('one ')\no.append_stdout('two')\no.append_display_data('three')"
    ),
    "an error inside an Output": run(_WIDGETS + "o = w.Output()\ndisplay(o)\nwith o:\n    1 / 0\nprint('after')"),
    "a large output inside an Output": run(
        _WIDGETS + "from kernel_side import *\no = w.Output()\ndisplay(o)\nwith o:\n    display(Image(png(60_000)))\n"
        "    print(words(30_000))"
    ),
    "interact": run(
        _WIDGETS + "@w.interact(x=(0, 10), s='text')\ndef f(x=4, s='text'):\n    print(x, s)\n    return x * 2"
    ),
    "a callback that prints into a cell": run(
        _WIDGETS + "s = w.IntText(0)\ns.observe(lambda c: print('changed', c.new), 'value')\ndisplay(s)", "s.value = 7"
    ),
    "a captured function": run(
        _WIDGETS + "o = w.Output()\n@o.capture(clear_output=True)\ndef f(x):\n    print('call', x)\nf(1); f(2)\no"
    ),
    "a progress bar widget of tqdm": run(
        "from tqdm.notebook import tqdm\nbar = tqdm(total=3, bar_format='{l_bar}{bar}{n}')\nbar.update(3)\nbar.close()"
    ),
}

_LATE = (
    "import threading, time\ndef late(text, wait=0.4):\n    def work():\n        time.sleep(wait)\n"
    "        print(text)\n"
    "    threading.Thread(target=work).start()\n"
)

# They wait for the kernel to settle first: what a thread prints belongs to the last request, and JupyterLab asks
# the kernel this and that while a notebook opens.
LATE: dict[str, Case] = {
    "a thread that prints after its cell ended": run(
        _LATE + "late('late')\nprint('cell over')", steps=(Settle(), RunAll(), AwaitText("late\n"))
    ),
    "a thread that prints while another cell runs": run(
        _LATE + "late('late', 0.3)\nprint('one')", "time.sleep(1)\nprint('two')", steps=(RunAll(), AwaitText("two"))
    ),
    "a thread that shows a large picture after its cell ended": bulk(
        DISPLAY + "import threading, time\ndef work():\n    time.sleep(0.4)\n    print(words(20_000))\n"
        "    print('END-OF-THREAD')\n"
        "threading.Thread(target=work).start()\nprint('cell over')",
        steps=(Settle(), RunAll(), AwaitText("END-OF-THREAD"), Rest()),
    ),
    "a task that prints after its cell ended": run(
        "import asyncio\nasync def work():\n    await asyncio.sleep(0.4)\n    print('task done')\n"
        "task = asyncio.create_task(work())\nprint('cell over')",
        steps=(Settle(), RunAll(), AwaitText("task done")),
    ),
    "a subprocess": run(
        "!echo from the shell", "import subprocess\nsubprocess.run(['echo', 'to the terminal']).returncode"
    ),
    "a subprocess that goes on": run(
        "import subprocess, time\n"
        "child = subprocess.Popen('sleep 0.4; echo late shell', shell=True)\nprint('cell over')",
        "child.wait()\ntime.sleep(0.3)",
    ),
    "a shell command with large output": bulk("!seq 1 8000"),
}
