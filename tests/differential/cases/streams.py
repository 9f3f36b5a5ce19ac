"""Streams, and clearing them."""

from __future__ import annotations

from ..steps import RunAll, RunCell, Settle
from .case import DISPLAY, STREAM, Case, bulk, run

STREAMS: dict[str, Case] = {
    "several lines": run("for i in range(5):\n    print('line', i)"),
    "a print without a line feed": run("print('no line feed', end='')"),
    "two cells that print without a line feed": run("print('a', end='')", "print('b', end='')"),
    "empty prints": run("print()\nprint('')\nprint(end='')", "print(end='')"),
    "many flushed prints": run("for i in range(200):\n    print(i, flush=True)"),
    "prints with pauses": run(STREAM + "for i in range(8):\n    out(f'{i}\\n'); time.sleep(0.06)"),
    "stdout and stderr in turn": run(
        "import sys\nfor i in range(4):\n    print('out', i, flush=True)\n"
        "    print('err', i, file=sys.stderr, flush=True)"
    ),
    "only stderr": run("import sys\nprint('to stderr', file=sys.stderr)"),
    "a stream around a display": run("print('before')\ndisplay('between')\nprint('after')"),
    "a progress bar with carriage returns": run(
        STREAM + "for i in range(21):\n    out('\\r' + '#' * i + '.' * (20 - i)); time.sleep(0.01)"
    ),
    "a carriage return before a shorter text": run(STREAM + "out('a long line', '\\rshort', '\\n', 'x\\ry', '\\r')"),
    "a carriage return before the line feed": run(STREAM + "out('one\\r\\ntwo\\r', '\\nthree\\r\\n')"),
    "a carriage return in the middle of a line": run("print('abc\\rX\\nnext')"),
    "backspaces": run(STREAM + "out('abc\\b\\bX', '\\b\\b\\b\\b\\bY', 'line\\n\\b\\bz')"),
    "a spinner of backspaces": run(
        STREAM + "for c in '|/-\\\\' * 5:\n    out(c); time.sleep(0.01); out('\\b')\nout('done')"
    ),
    "a tqdm bar": run(
        "import sys\nfrom tqdm import tqdm\n"
        "for i in tqdm(range(30), bar_format='{l_bar}{bar:20}| {n_fmt}/{total_fmt}', mininterval=0): pass"
    ),
    "two tqdm bars": run(
        "from tqdm import trange\nfor a in trange(3, bar_format='{bar:10}{n}', mininterval=0, position=0):\n"
        "    for b in trange(3, bar_format='{bar:10}{n}', mininterval=0, position=1, leave=False): pass"
    ),
    "a stream of 200 kB": bulk("from kernel_side import words\nprint(words(200_000))"),
    "a stream of 60 kB in flushed lines": bulk(
        "from kernel_side import words\nfor line in words(60_000).splitlines():\n    print(line, flush=True)"
    ),
    "a line of 20 kB": bulk("print('x' * 20_000)"),
    "a line of 20 kB without a line feed, in pieces": bulk(STREAM + "for i in range(200):\n    out(f'{i:0100}')"),
    "a large stream with a progress bar at its end": bulk(
        STREAM + "from kernel_side import words\nout(words(60_000) + '\\n')\n"
        "for i in range(21):\n    out('\\r' + '#' * i); time.sleep(0.01)\nout('\\n', 'done')"
    ),
    "a progress bar of 1,000 steps": run(
        STREAM + "for i in range(1_000):\n    out(f'\\r{i:6} of 1000 ' + '#' * (i // 20))"
    ),
    "backspaces into a large stream": bulk(
        STREAM + "from kernel_side import words\nout(words(60_000))\ntime.sleep(0.3)\nout('\\b' * 7 + 'BACK')"
    ),
    "a large stdout, a small stderr, more stdout": bulk(
        "import sys\nfrom kernel_side import words\nprint(words(30_000), flush=True)\n"
        "print('warning', file=sys.stderr, flush=True)\nprint('tail')"
    ),
    "a large stderr": bulk("import sys\nfrom kernel_side import words\nprint(words(30_000), file=sys.stderr)"),
    "characters of four bytes": run("print('é 漢 😀 👩‍👩‍👧 \\U0001d518')", "'😀' * 10"),
    "many characters of four bytes": bulk("print('😀é漢' * 5_000)", "print(('😀' * 40 + '\\n') * 200)"),
    "a lone surrogate": run("%xmode Minimal", "display({'text/plain': 'a\\ud800b'}, raw=True)\nprint('after')"),
    "control characters": run("print('bell\\x07 null\\x00 vt\\x0b ff\\x0c esc\\x1b[2K del\\x7f end')"),
    "colours": run("print('\\x1b[31mred\\x1b[0m \\x1b[1;44mbold on blue\\x1b[0m \\x1b[38;5;202morange\\x1b[0m')"),
    "many colours": bulk("print('\\n'.join(f'\\x1b[{31 + i % 6}mline {i}\\x1b[0m' for i in range(2_000)))"),
    "markup in a stream": run("print('<b>not bold</b> &amp; http://example.org/?a=1&b=2')"),
}

CLEARING: dict[str, Case] = {
    "clear_output": run(DISPLAY + "print('gone')\nclear_output()\nprint('stays')"),
    "clear_output with wait": run(DISPLAY + "print('gone')\nclear_output(wait=True)\nprint('stays')"),
    "clear_output at the very end": run(DISPLAY + "print('gone')\nclear_output()"),
    "clear_output with wait at the very end": run(DISPLAY + "print('stays')\nclear_output(wait=True)"),
    "clear_output with wait, then the cell runs again": run(
        DISPLAY + "print('one')\nclear_output(wait=True)",
        "print('other')",
        steps=(RunAll(), Settle(), RunCell(0)),
    ),
    "clear_output twice with wait": run(
        DISPLAY + "print('a')\nclear_output(wait=True)\nclear_output(wait=True)\nprint('b')\nprint('c')"
    ),
    "clear_output without wait cancels nothing of a wait": run(
        DISPLAY + "print('a')\nclear_output(wait=True)\nclear_output()\nprint('b')\nprint('c')"
    ),
    "an animation": run(
        DISPLAY
        + "for i in range(10):\n    clear_output(wait=True)\n    display(HTML(f'<b>frame {i}</b>'))\n    print(i)"
    ),
    "an animation of large pictures": bulk(
        DISPLAY + "for i in range(5):\n    clear_output(wait=True)\n    display(Image(png(30_000 + i * 3_000)))"
    ),
    "clear_output of a large stream": run(DISPLAY + "print(words(50_000), flush=True)\nclear_output()\nprint('small')"),
    "clear_output from another cell clears its own": run("print('one')", DISPLAY + "print('two')\nclear_output()"),
}
