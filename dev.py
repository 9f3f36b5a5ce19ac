#!/usr/bin/env python3
"""Run a developer task: ``python3 dev.py <task> [options of the task]``. Without a task, list them.

Needs a Python (3.11 or later) and nothing installed in it: the first call makes a private virtual environment with
nox in it, and nox runs the task from ``noxfile.py``. What a task needs beyond that, the task installs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv-dev"
REQUIREMENT = "nox>=2025.2,<2027"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


def main(arguments: list[str]) -> int:
    """Run the task that *arguments* name and return its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        return _refuse(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or later is needed, this is {sys.version.split()[0]}."
        )
    if (problem := _node_problem()) is not None:
        return _refuse(problem)
    python = _nox_python()
    if not arguments:
        selection = ["--list"]
    else:
        task, *options = arguments
        selection = ["--session", task, "--", *(options[1:] if options[:1] == ["--"] else options)]
    return subprocess.run([python, "-m", "nox", *selection], cwd=ROOT, check=False).returncode


def _nox_python() -> str:
    """The interpreter that has nox, made on first use and again when the requirement changes."""
    python = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = HOME / "requirement.txt"
    wanted = f"{REQUIREMENT} {sys.version_info[:2]}"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Setting up the task runner …", flush=True)
        shutil.rmtree(HOME, ignore_errors=True)
        if subprocess.run([sys.executable, "-m", "venv", HOME], check=False).returncode != 0:
            _install_venv()
            subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", REQUIREMENT], check=True)
        stamp.write_text(wanted)
    return str(python)


def _install_venv() -> None:
    """Debian and Ubuntu ship Python without the part that makes virtual environments."""
    if shutil.which("apt-get") is None:
        sys.exit(
            "This Python cannot make virtual environments (python -m venv). Install its venv module and try again."
        )
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*sudo, "apt-get", "update"], env=environment, check=False)
    version = ".".join(map(str, sys.version_info[:2]))
    subprocess.run([*sudo, "apt-get", "install", "-y", f"python{version}-venv"], env=environment, check=True)


def _node_problem() -> str | None:
    """Why the Node.js on this machine cannot build the lab extension, or None."""
    node = shutil.which("node")
    if node is None:
        return f"Node.js {OLDEST_NODE} or later is needed to build from source, and there is no `node` on PATH."
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = answer.removeprefix("v").split(".")[0]
    if major.isdigit() and int(major) >= OLDEST_NODE:
        return None
    return f"Node.js {OLDEST_NODE} or later is needed to build from source, `node` on PATH says {answer or 'nothing'}."


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
