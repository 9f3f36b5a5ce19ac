"""What is known of notebook files, so that one that nobody has changed is opened without being read."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..store import durable

KNOWN = "crdt-outputs-known"
"""A folder of a server's data directory."""

_VERSION = 1
_SETTLED_NS = 2_000_000_000
"""A file that was written so shortly before it was looked at may be written again within a tick of its time."""
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class KnownNotebook:
    """A notebook file, by its bytes.

    Attributes:
        notebook: in the document's form, without marks of trust.
        hash: of the file, in hexadecimal digits.
        hash_algorithm: of :attr:`hash`.
        signature: of the notebook; None when nobody has computed it.
        signed_by: names the secret of the signature.
        plan: equal for files with equal texts; empty when the file is not as we would write it.
        spans: where the text of an output is that a save would write, in bytes from the beginning, and its length.
    """

    notebook: dict[str, Any]
    hash: str
    hash_algorithm: str
    signature: str | None
    signed_by: str
    plan: str
    spans: Mapping[str, tuple[int, int]]


class KnownNotebooks:
    """Remembers notebook files by their hash, and by path, inode, size and times what hash a file has.

    A memory that is lost or damaged costs time and nothing else: everything is checked when it is read. As in git's
    index, times prove nothing of a file that was written just before it was looked at; it is hashed again then. Every
    method blocks; none raises OSError.

    Args:
        folder: made when needed; private to the user.
        policy: names the policy by which the documents were made; what another one made is not found.
        max_bytes: of all records; the least recently used go first.
        clock: nanoseconds, as files have them.
    """

    def __init__(
        self, folder: Path, policy: str, max_bytes: int = 1 << 28, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._folder = folder
        self._policy = policy
        self._max_bytes = max_bytes
        self._clock = clock

    def find(self, path: Path, hash_algorithm: str) -> tuple[KnownNotebook, os.stat_result] | None:
        """What is known of the file that is at *path* now, and its state; None when that is nothing."""
        try:
            found = path.stat()
            name = self._named(path, found) or self._hashed(path, found, hash_algorithm)
            if name is None:
                return None
            known = self._read(name)
            if known is None or known.hash_algorithm != hash_algorithm:
                return None
            os.utime(self._folder / name)
            return known, found
        except OSError:
            return None

    def remember(self, path: Path, found: os.stat_result, known: KnownNotebook) -> None:
        """Keep what is known of the file that *found* is the state of."""
        name = _name(found.st_size, known.hash)
        noted = {each.name: getattr(known, each.name) for each in fields(known)}
        body = json.dumps({"version": _VERSION, "policy": self._policy, **noted}).encode()
        with suppress(OSError):
            durable.make_folder(self._folder)
            self._write(name, body)
            self._note(path, found, name)
            self._forget()

    def _named(self, path: Path, found: os.stat_result) -> str | None:
        """The record of the file, if its state is one that is known."""
        note = _checked(self._folder / _note_name(path))
        if not isinstance(note, dict) or note.get("state") != _state(found):
            return None
        at, name = note.get("at"), note.get("record")
        if not isinstance(at, int) or not isinstance(name, str) or not _is_name(name):
            return None
        return name if at - max(found.st_mtime_ns, found.st_ctime_ns) > _SETTLED_NS else None

    def _hashed(self, path: Path, found: os.stat_result, hash_algorithm: str) -> str | None:
        """The record of the file by its hash, which is computed only if there is one of this size."""
        if not any(self._folder.glob(f"{found.st_size}-*")):
            return None
        with path.open("rb", buffering=0) as file:
            if durable.identity_of(os.fstat(file.fileno())) != durable.identity_of(found):
                return None
            hashed = hashlib.new(hash_algorithm)
            while data := file.read(1 << 20):
                hashed.update(data)
            if _state(os.fstat(file.fileno())) != _state(found):
                return None
        name = _name(found.st_size, hashed.hexdigest())
        if not (self._folder / name).exists():
            return None
        self._note(path, found, name)
        return name

    def _read(self, name: str) -> KnownNotebook | None:
        body = _checked(self._folder / name)
        if (
            not isinstance(body, dict)
            or body.pop("version", None) != _VERSION
            or body.pop("policy", "") != self._policy
        ):
            return None
        try:
            known = KnownNotebook(**body)
            spans = {key: (int(start), int(length)) for key, (start, length) in known.spans.items()}
        except (TypeError, ValueError, AttributeError):
            return None
        return KnownNotebook(**{**body, "spans": spans})

    def _note(self, path: Path, found: os.stat_result, name: str) -> None:
        note = {"state": _state(found), "at": self._clock(), "record": name}
        self._write(_note_name(path), json.dumps(note).encode())

    def _write(self, name: str, body: bytes) -> None:
        """In one step; a crash that leaves half of it is found out by the check."""
        aside = self._folder / f".{secrets.token_hex(8)}"
        try:
            durable.write_file(aside, hashlib.sha256(body).hexdigest().encode() + b"\n" + body, synced=False)
            aside.replace(self._folder / name)
        finally:
            aside.unlink(missing_ok=True)

    def _forget(self) -> None:
        """Drop the oldest until the rest is within the limit."""
        with os.scandir(self._folder) as entries:
            files = sorted(((entry.stat(), entry.path) for entry in entries), key=lambda file: -file[0].st_mtime_ns)
        size = 0
        for found, path in files:
            size += found.st_size + 512  # a small file takes some room too
            if size > self._max_bytes:
                Path(path).unlink(missing_ok=True)


def _checked(path: Path) -> Any:
    """The content of a file that is whole; None otherwise."""
    try:
        check, _, body = path.read_bytes().partition(b"\n")
        return json.loads(body) if check == hashlib.sha256(body).hexdigest().encode() else None
    except (OSError, ValueError, RecursionError):
        return None


def _state(found: os.stat_result) -> list[int]:
    return [*durable.identity_of(found), found.st_ctime_ns]


def _name(size: int, hash_: str) -> str:
    return f"{size}-{hashlib.sha256(hash_.encode()).hexdigest()[:_DIGITS]}"


def _is_name(name: str) -> bool:
    size, _, digits = name.partition("-")
    return size.isdecimal() and len(digits) == _DIGITS and digits.isalnum()


def _note_name(path: Path) -> str:
    return "at-" + hashlib.sha256(os.fsencode(path)).hexdigest()[:_DIGITS]
