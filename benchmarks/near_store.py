"""Measure a store on a local disk: puts against the same by hand, the endpoint against tornado's files."""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.testing.server import LabServer

from .compare import Comparison, table

_MB = 1_000_000
_CLIENTS = 4
_PUTS = 100
_REQUESTS = 100
_RANGE = "bytes=500000-565535"


def put_by_hand(folder: Path, data: bytes) -> None:
    """sha256, write, fsync, rename."""
    digest = hashlib.sha256(data).hexdigest()
    aside = folder / f"{digest}.tmp"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(descriptor, data)
    os.fsync(descriptor)
    os.close(descriptor)
    aside.rename(folder / digest)


def puts(rounds: int, scratch: Path) -> Comparison:
    """Milliseconds for one of 1 MB."""
    store = open_store(str(scratch / "store"))
    by_hand = scratch / "by-hand"
    by_hand.mkdir()
    store.put_many([os.urandom(100) for _ in range(2000)])  # its folders exist, as in any store that is in use

    def timed(put: Callable[[bytes], object]) -> float:
        blobs = [os.urandom(_MB) for _ in range(_PUTS)]
        started = time.perf_counter()
        for data in blobs:
            put(data)
        return 1000 * (time.perf_counter() - started) / _PUTS

    ours, other = [], []
    for _ in range(rounds):
        ours.append(timed(store.put))
        other.append(timed(lambda data: put_by_hand(by_hand, data)))
    return Comparison("put of 1 MB, local, durable", ours, other, "by hand", "ms", at_most=1.3)


class Client:
    """One connection that is kept, and that does little more than receive."""

    def __init__(self, server: LabServer) -> None:
        address = urlsplit(server.url)
        self._socket = socket.create_connection((address.hostname or "", address.port or 0))
        self._headers = f"Host: {address.netloc}\r\nAuthorization: token {server.token}\r\n"
        self._buffer = bytearray(1 << 20)

    def get(self, path: str, more: str = "") -> int:
        """The bytes of the answer's body, which is thrown away."""
        self._socket.sendall(f"GET /{path} HTTP/1.1\r\n{self._headers}{more}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(4096)
        head, _, body = head.partition(b"\r\n\r\n")
        if head.split(b" ", 2)[1] not in (b"200", b"206"):
            raise RuntimeError(head.decode())
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        rest = length - len(body)
        while rest:
            rest -= self._socket.recv_into(self._buffer, min(rest, len(self._buffer)))
        return length


def gets(rounds: int, scratch: Path) -> list[Comparison]:
    """Requests a second, by four clients at once."""
    with LabServer(
        scratch / "home", extensions=["benchmarks.static_files"], python_path=[Path(__file__).parents[1]]
    ) as server:
        data = os.urandom(_MB)
        digest = open_store(str(server.data_dir / "crdt-outputs")).put(data)
        (server.root_dir / "file").write_bytes(data)
        clients = [Client(server) for _ in range(_CLIENTS)]

        def rate(path: str, more: str = "") -> float:
            started = time.perf_counter()
            with ThreadPoolExecutor(_CLIENTS) as pool:
                list(pool.map(lambda client: [client.get(path, more) for _ in range(_REQUESTS)], clients))
            return _CLIENTS * _REQUESTS / (time.perf_counter() - started)

        artifact = f"api/crdt-outputs/artifacts/{digest}"
        samples: dict[str, tuple[list[float], list[float]]] = {"whole": ([], []), "range": ([], [])}
        rate(artifact), rate("benchmarks/static/file")
        for _ in range(rounds):
            for name, more in {"whole": "", "range": f"Range: {_RANGE}\r\n"}.items():
                samples[name][0].append(rate(artifact, more))
                samples[name][1].append(rate("benchmarks/static/file", more))
    names = {"whole": "get of 1 MB through the endpoint", "range": "64 kB of it"}
    return [
        Comparison(names[name], ours, other, "StaticFileHandler", "/s", at_least=0.8)
        for name, (ours, other) in samples.items()
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.near_store", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        print(table([puts(options.rounds, Path(scratch)), *gets(options.rounds, Path(scratch))]))


if __name__ == "__main__":
    main()
