"""Marks that no server makes: of one that is stopped, and of folders that no server has as its root."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from ...store.collection.marking import Marker, mark_for
from ...store.collection.members import Member, member_id, members_of, register
from ...store.collection.roots import FileRoots
from ...store.collection.rules import DAY_S
from ...store.history import HISTORY
from ...store.history.previous import DAYS, RUNS, KeptRuns
from ..configuration import SECTION, Configuration
from ..place import Place
from ..refused import Refused
from ..servers import Server

_NO_DATA = Path(os.devnull)
"""A folder alone has no history, no journals and no logs."""


def reached_by(roots: Sequence[Path]) -> int:
    """How many artifacts the notebooks below *roots* refer to, at least. Writes nothing.

    Raises:
        RootUnreadable: nobody knows.
    """
    return len({found.digest for root in roots for found in FileRoots([root], _NO_DATA)()})


def mark_stopped(place: Place, running: Sequence[Server]) -> list[Member]:
    """Say for this user's servers on this machine what their files refer to, those that run excepted. Returns them.

    What only an open document refers to is known to its server alone, so one that runs must say so itself.

    Raises:
        RootUnreadable, StoreUnavailable, StoreFull: nothing that they may need is collected.
    """
    host, data_dir = socket.gethostname(), str(Path(jupyter_data_dir()).absolute())
    busy = {os.path.realpath(server.root_dir) for server in running}
    stopped = [
        member
        for member in members_of(place.blobs.records)
        if (member.host, member.data_dir) == (host, data_dir)
        and member.folders
        and os.path.realpath(member.root_dir) not in busy
    ]
    kept = _kept_runs(place, Path(data_dir)) if stopped else None
    for member in stopped:
        mark_for(place.blobs.records, member, place.store, further=[kept] if kept is not None else [])
    return stopped


def _kept_runs(place: Place, data_dir: Path) -> KeptRuns:
    """Outputs of former runs, as this user's servers keep them."""
    configuration = Configuration()
    most, days = (
        configuration.setting(SECTION, name, default).value
        for name, default in (("previous_runs", RUNS), ("history_days", DAYS))
    )
    return KeptRuns(lambda: place.blobs.records, place.store, data_dir / HISTORY, int(most), float(days) * DAY_S)


def mark_running(place: Place, running: Sequence[Server]) -> list[str]:
    """Have this user's servers on this machine that use the store say so themselves. Returns what went wrong.

    Nothing is lost by that: what is younger than a server's last word stays.
    """
    host = socket.gethostname()
    roots = {os.path.realpath(member.root_dir) for member in members_of(place.blobs.records) if member.host == host}
    asked = [server for server in running if os.path.realpath(server.root_dir) in roots]
    problems = [(server, server.mark()) for server in asked]
    return [
        f"The server at {server.url} ({server.root_dir}) could not say what it uses: {problem}"
        for server, problem in problems
        if problem
    ]


def mark_roots(place: Place, roots: Sequence[Path]) -> None:
    """Have each folder be a member of the store, and say what its notebooks refer to, as a server does for its own.

    Raises:
        RootUnreadable, StoreUnavailable, StoreFull: nothing that they may need is collected.
    """
    for root in roots:
        host = socket.gethostname()
        member = Member(member_id(host, "", str(root)), host, "", str(root), time.time())
        register(place.blobs.records, member)
        Marker(place.blobs.records, member.id, place.store, [FileRoots([root], _NO_DATA)]).mark()


def checked(roots: Sequence[Path]) -> list[Path]:
    """The same, as they are named in the store. Raises :class:`Refused` for what is no folder."""
    for root in roots:
        if not root.is_dir():
            raise Refused(f"there is no folder {root} to look for notebooks in")
    return [root.resolve() for root in roots]
