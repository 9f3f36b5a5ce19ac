"""Forks programs from a process that has imported what they import. Run as a script by :mod:`.forking`.

It imports nothing of this package, so that a program it becomes has nothing of it either. Its arguments are the modules
to import. Each line of its standard input is a request as JSON, answered with the number of the process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import site
import sys
import time
from typing import Any


def main(modules: list[str]) -> None:
    """Fork a program for each request, until there are no more; in the fork, be that program."""
    for module in modules:
        with contextlib.suppress(ImportError):  # not every version of what is tested has every module
            importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # none of them is waited for here
    for line in sys.stdin.buffer:
        process = os.fork()
        if process == 0:
            become(**json.loads(line))
            return
        os.write(1, b"%d\n" % process)


def become(module: str, arguments: list[str], cwd: str, env: dict[str, str], log: str) -> None:
    """Run *module* as ``python -m`` does in a new session, with all that a new interpreter takes from outside."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for file, flags, numbers in (
        (os.devnull, os.O_RDONLY, (0,)),
        (log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, (1, 2)),
    ):
        opened = os.open(file, flags, 0o666)
        for number in numbers:
            os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0)  # noqa: SIM115 - the one there was may hold what was read ahead
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.path[:0] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    sys.modules.pop("sitecustomize", None)
    loaded: Any = site
    loaded.execsitecustomize()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
