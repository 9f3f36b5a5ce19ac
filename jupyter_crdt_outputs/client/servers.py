"""The Jupyter servers that run on this machine for this user."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server, as it says itself in Jupyter's runtime directory.

    Attributes:
        url: its base URL.
        root_dir: where its files are.
        pid: of its process.
        token: empty where people log in with a password.
    """

    url: str
    root_dir: Path
    pid: int
    token: str = field(default="", repr=False)


def running_servers() -> list[RunningServer]:
    """Those that ``jupyter server list`` would show, newest first; one that crashed may be among them.

    Read here, since jupyter_server's own function is in a module that takes two seconds to import.
    """
    return list(_running())


def server_of(file: Path, servers: list[RunningServer] | None = None) -> Iterator[tuple[RunningServer, str]]:
    """The servers that have a file below their roots, the nearest root first, and its path there."""
    place = file.resolve()
    found = [each for each in (running_servers() if servers is None else servers) if each.root_dir in place.parents]
    for server in sorted(found, key=lambda each: -len(each.root_dir.parts)):
        yield server, place.relative_to(server.root_dir).as_posix()


def _running() -> Iterator[RunningServer]:
    files = [(path, path.stat().st_mtime) for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json")]
    for path, _ in sorted(files, key=lambda each: -each[1]):
        try:
            said = json.loads(path.read_text("utf-8"))
            root = Path(said["root_dir"]).resolve()
            yield RunningServer(str(said["url"]), root, int(said["pid"]), str(said.get("token", "")))
        except (OSError, ValueError, TypeError, KeyError):
            continue  # being written, or being removed
