"""The Jupyter servers that run on this machine for this user."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

ONLY = "crdt_outputs_notebook"
"""In a server's file, when it is there for this notebook alone."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server, as it says itself in Jupyter's runtime directory.

    Attributes:
        url: its base URL.
        root_dir: where its files are.
        pid: of its process.
        token: empty where people log in with a password.
        notebook: the only one that it is there for, as a server that a command has started for itself.
    """

    url: str
    root_dir: Path
    pid: int
    token: str = field(default="", repr=False)
    notebook: Path | None = None


def running_servers() -> list[RunningServer]:
    """Those that ``jupyter server list`` would show, newest first.

    Read here, since jupyter_server's own function is in a module that takes two seconds to import.
    """
    return list(_running())


def server_of(file: Path, servers: list[RunningServer] | None = None) -> Iterator[tuple[RunningServer, str]]:
    """The servers that have a file below their roots, the nearest root first, and its path there."""
    place = file.resolve()
    known = running_servers() if servers is None else servers
    found = [each for each in known if each.root_dir in place.parents and each.notebook in (None, place)]
    for server in sorted(found, key=lambda each: -len(each.root_dir.parts)):
        yield server, server_path(place.relative_to(server.root_dir).as_posix())


def server_path(path: str) -> str:
    """A relative path as a server spells it, which is in UTF-8 whatever our locale is."""
    return os.fsencode(path).decode("utf-8", "replace")


def _running() -> Iterator[RunningServer]:
    files = [(path, path.stat().st_mtime) for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json")]
    for path, _ in sorted(files, key=lambda each: -each[1]):
        try:
            said = json.loads(path.read_text("utf-8"))
            root, pid = _here(said["root_dir"]), int(said["pid"])
            notebook = _here(said[ONLY]) if ONLY in said else None
            server = RunningServer(str(said["url"]), root, pid, str(said.get("token", "")), notebook)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # being written, or being removed
        if _is_alive(pid):
            yield server


def _here(path: str) -> Path:
    """A path that a server has named, whatever our locale is."""
    return Path(os.fsdecode(path.encode("utf-8", "surrogateescape"))).resolve()


def _is_alive(pid: int) -> bool:
    """Whether there is such a process: a server that crashed leaves its file behind."""
    if sys.platform == "win32":
        return True  # there, the question would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
