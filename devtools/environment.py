"""The virtual environments that tasks share, and the JavaScript side. Both are brought up to date only when needed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".nox"
LAB_EXTENSION = ROOT / "jupyter_crdt_outputs" / "labextension"


class Environment:
    """One virtual environment below ``.nox/``.

    nox would make one per task; JupyterLab alone takes half a minute and 300 MB, so tasks share.

    Args:
        session: the running task.
        name: the directory below ``.nox/``.
    """

    def __init__(self, session: nox.Session, name: str) -> None:
        self.session = session
        self.home = ENVIRONMENTS / name
        self.bin = self.home / ("Scripts" if os.name == "nt" else "bin")

    def run(self, *command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, log: bool = True) -> None:
        """Run a program of this environment, and with it first on PATH. Ends the task when it fails."""
        program, *arguments = command
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        # Compiled modules are kept even where the machine asks for none: tests start hundreds of servers, kernels and
        # commands, and each would compile thousands of modules anew.
        kept = {"PYTHONDONTWRITEBYTECODE": ""}
        variables = {"PATH": path, "VIRTUAL_ENV": str(self.home), **kept, **(env or {})}
        with self.session.chdir(cwd):
            self.session.run(str(self.bin / program), *arguments, env=variables, external=True, log=log)

    def install(self, requirements: Iterable[str], inputs: Iterable[str] = (), *, anew: bool = False) -> None:
        """Install *requirements*, unless these and *inputs* are what was installed last.

        Args:
            requirements: what pip is to install.
            inputs: whatever else the result depends on, such as the digest of a file among the requirements.
            anew: begin with an empty environment. Otherwise what is no longer required stays, so that a task in
                another terminal is not pulled from under its feet.
        """
        requirements = list(requirements)
        wanted = [sys.version, *requirements, *inputs]
        if is_current(self.home / "requirements.stamp", wanted):
            return
        self.session.log(f"Setting up the environment {self.home.name} …")
        virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", *(["--clear"] if anew else []), str(self.home)]
        self.session.run(*virtualenv, external=True, log=False)
        # Of the modules that are installed, most are never imported: those that are, are compiled then.
        self.run("python", "-m", "pip", "install", "--quiet", "--no-compile", *requirements, log=False)
        mark_current(self.home / "requirements.stamp", wanted)

    def install_package(self) -> None:
        """Install this package in editable form, again whenever what an installation copies has changed."""
        copied = ["pyproject.toml", "install.json", "jupyter-config", "jupyter_crdt_outputs/labextension"]
        wanted = digests(copied)
        if is_current(self.home / "package.stamp", wanted):
            return
        self.run(
            *("python", "-m", "pip", "install", "--quiet", "--no-build-isolation", "--editable", "."),
            env={"SKIP_JUPYTER_BUILDER": "1"},  # build_lab_extension has built it
        )
        mark_current(self.home / "package.stamp", wanted)

    def install_node_modules(self) -> None:
        """Install exactly what ``yarn.lock`` says, with the yarn that JupyterLab brings (``jlpm``)."""
        wanted = digests(["package.json", "yarn.lock", ".yarnrc.yml"])
        stamp = ROOT / "node_modules" / "install.stamp"
        if not is_current(stamp, wanted):
            self.run("jlpm", "install", "--immutable")
            mark_current(stamp, wanted)

    def build_lab_extension(self) -> None:
        """Compile the lab extension into the package, unless it is there and as new as its source."""
        self.install_node_modules()
        source = ["src", "style", "schema"]
        wanted = digests(["package.json", "tsconfig.json", "yarn.lock", *(f"labextension/{name}" for name in source)])
        stamp = ENVIRONMENTS / "labextension.stamp"
        if not (LAB_EXTENSION / "package.json").exists() or not is_current(stamp, wanted):
            self.run("jlpm", "build:prod")
            mark_current(stamp, wanted)


def digests(names: Iterable[str], folder: Path = ROOT) -> list[str]:
    """What the files *names* hold now, a line for each; a directory stands for every file in it."""
    lines = []
    for name in names:
        top = folder / name
        files = sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else [top]
        lines += [f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files if path.exists()]
    return lines


def is_current(stamp: Path, wanted: Iterable[str]) -> bool:
    """Whether *stamp* was left by the same inputs."""
    return stamp.exists() and stamp.read_text() == "\n".join(wanted)


def mark_current(stamp: Path, wanted: Iterable[str]) -> None:
    """Remember the inputs of a step that has succeeded."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text("\n".join(wanted))
