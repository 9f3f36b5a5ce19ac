"""SFTP with known hosts and timeouts, which fsspec's own does without."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from .driver import CONNECT_S, READ_S


class KnownHostsSFTP(SFTPFileSystem):  # type: ignore[misc]
    """Connects to a host only if its key is known: in the given file, or in the user's ``~/.ssh/known_hosts``.

    fsspec's trusts whoever answers first. It also waits for an answer to each 32 kB, and each wait can take 40 ms by
    an algorithm of Nagle's.
    """

    cachable = False

    def __init__(self, host: str, known_hosts: str | None = None, **options: Any) -> None:
        self._known_hosts = known_hosts
        super().__init__(host, **options)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys(self._known_hosts)
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(
            self.host,
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
            channel_timeout=CONNECT_S,
            **self.ssh_kwargs,
        )
        transport = self.client.get_transport()
        assert transport is not None
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ftp = self.client.open_sftp()
        channel = self.ftp.get_channel()
        assert channel is not None
        channel.settimeout(READ_S)  # so that the thread of a call that was given up ends some day

    def mv(self, old: str, new: str, **options: Any) -> None:
        """Rename a file over whatever is there."""
        super().mv(old, new)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        """Write it, and look whether all of it has arrived."""
        self.ftp.putfo(BytesIO(value), path, confirm=True)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        """Read it, asking for all parts at once."""
        with self.ftp.open(path, "rb") as file:
            size = file.stat().st_size or 0
            first, last = start or 0, size if end is None else min(end, size)
            return b"".join(file.readv([(first, last - first)])) if first < last else b""


def connector(url: str, options: dict[str, Any]) -> Callable[[], SFTPFileSystem]:
    """What connects to the host of *url*.

    Options: ``key_filename`` (a private key; else the agent's and the usual files in ``~/.ssh``), ``known_hosts``.
    """
    parts = urlsplit(url)
    for name in options.keys() & {"key_filename", "known_hosts"}:
        path = Path(options[name]).expanduser()
        if not path.is_file():
            raise ValueError(f"{name} names no file: {path}")
        options[name] = str(path)
    login = {"username": parts.username, "password": parts.password}
    options |= {name: unquote(value) for name, value in login.items() if value}
    return partial(KnownHostsSFTP, parts.hostname or "", port=parts.port or 22, **options)
