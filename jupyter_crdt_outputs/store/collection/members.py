"""Members: who uses a store, so that a collector knows whose word it has to wait for."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from ...errors import StoreUnavailable
from ..records import Record, Records
from . import marks

KIND = "members"


@dataclass(frozen=True, slots=True)
class Member:
    """A server that keeps its outputs in a store, running or not.

    Attributes:
        id: a function of host, data directory and root directory.
        host: its machine.
        data_dir: where its history, logs and journals are.
        root_dir: where its notebooks are.
        folders: all in which it has notebooks, the root directory among them.
        history: the database of its documents' histories; empty if it has none.
        since: when it was registered, in POSIX seconds; by its own clock, but not later than by that of the store.
    """

    id: str
    host: str
    data_dir: str
    root_dir: str
    since: float
    folders: tuple[str, ...] = ()
    history: str = ""


def member_id(host: str, data_dir: str, root_dir: str) -> str:
    """The id of the server of these; the same whenever it starts again."""
    return hashlib.sha256("\0".join([host, data_dir, root_dir]).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def register(records: Records, member: Member) -> Member:
    """Have the member known to collectors before it puts or reads anything. Returns it with its first ``since``.

    From then on until its first mark, nothing goes to the trash that was touched since a grace period before.

    Raises:
        StoreFull, StoreUnavailable: it is not known; nothing is protected that only its files refer to.
    """
    for record in records.list(KIND):
        if record.name == member.id:
            with suppress(StoreUnavailable):  # what cannot be read is written anew
                known = _read(records, record) or member
                member = replace(member, since=known.since)
                if known == member:
                    return known
    records.write(KIND, member.id, json.dumps(asdict(member)).encode())
    return member


def members_of(records: Records) -> list[Member]:
    """All members, in the order in which they came.

    Raises:
        StoreUnavailable: also for a record that cannot be read: whom it stands for must not be passed over.
    """
    found = [_read(records, record) for record in records.list(KIND)]
    return sorted((member for member in found if member is not None), key=lambda member: member.since)


def ids_of(records: Records) -> list[str]:
    """Whom there are records of, also those that cannot be read."""
    return [record.name for record in records.list(KIND)]


def member_of(records: Records, id: str) -> Member | None:
    """One of them; None when there is none such.

    Raises:
        StoreUnavailable: its record cannot be read.
    """
    return next((_read(records, record) for record in records.list(KIND) if record.name == id), None)


def forget(records: Records, id: str) -> None:
    """Wait for a member no longer: its server is gone for good, and with it all that its files refer to."""
    for mark in marks.marks_of(records):
        if mark.member == id:
            records.delete(marks.KIND, mark.name)
    records.delete(KIND, id)


def _read(records: Records, record: Record) -> Member | None:
    content = records.read(KIND, record.name)
    if content is None:
        return None
    with suppress(ValueError, TypeError, KeyError):
        fields = json.loads(content)
        texts = {name: str(fields[name]) for name in ("host", "data_dir", "root_dir")}
        since = float(fields["since"])
        if record.modified is not None:
            since = min(since, record.modified)
        folders = tuple(map(str, fields.get("folders", ())))
        return Member(id=record.name, since=since, folders=folders, history=str(fields.get("history", "")), **texts)
    raise StoreUnavailable(
        f"the record of the server {record.name} cannot be read, so nobody knows what it uses: start it; or, if it is "
        f"gone for good, forget it with gc --forget {record.name[:8]}"
    )
