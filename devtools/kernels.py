"""Kernels that are not ipykernel, so that no test passes by knowing ipykernel's habits.

- ``deno``: JavaScript and TypeScript. Written in Rust; prints after the cell is idle, awaits promises.
- ``xpython``: Python on xeus, in C++. Sends ``print("a")`` as two stream messages.
- ``ir``: R, from the machine's package manager. Plots arrive as base64 wrapped in lines, results as ``display_data``.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path


def install(environment: Path, programs: Path) -> None:
    """Register the kernels of *environment*, whose programs lie in *programs*.

    xeus-python brings its own registration. ``deno jupyter --install`` would write into the user's home, where every
    other environment finds it as well, so its registration is written here.

    Args:
        environment: the directory of a virtual environment.
        programs: its ``bin``.
    """
    deno = shutil.which("deno", path=str(programs))
    assert deno is not None, "the `kernels` dependency group brings deno"
    spec = {
        "argv": [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
        "display_name": "Deno",
        "language": "typescript",
    }
    home = environment / "share" / "jupyter" / "kernels" / "deno"
    home.mkdir(parents=True, exist_ok=True)
    (home / "kernel.json").write_text(json.dumps(spec, indent=2))
