"""Complete notebooks over HTTP: ``GET api/crdt-outputs/notebooks/<path>``; ``?check=1`` only asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import nbformat
from jupyter_core.utils import ensure_async
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from ..document.contents import file_of
from ..errors import CrdtOutputsError
from ..files.completing import Completing
from ..files.lacks import Incomplete
from ..model.reference import REFERENCE_MIME_TYPE
from ..store import ArtifactStore
from .handler import allowed_to, http_errors
from .serving import ServingHandler

_THREADS = 4
_CHUNK_BYTES = 1 << 20
_MEDIA_TYPE = "application/x-ipynb+json"


def handlers(store: ArtifactStore, base_url: str) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The route below *base_url*, as ``add_handlers`` of tornado takes it."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="notebook-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/notebooks/(.+)")
    return [(route, NotebookHandler, {"store": store, "threads": threads})]


@dataclass(frozen=True, slots=True)
class Complete:
    """A notebook that can be sent.

    Attributes:
        pieces: its bytes.
        size: how many, where that is known beforehand.
    """

    pieces: Iterator[bytes]
    size: int | None


class NotebookHandler(ServingHandler):
    """The saved file of a notebook, its references resolved, to a user who may read contents and outputs.

    A file without references is sent as it is. What cannot be had is an error that names the cell, before anything is
    sent; when the store fails later, the connection is closed before its end, so the client knows.
    """

    def initialize(self, store: ArtifactStore, threads: ThreadPoolExecutor) -> None:
        """Take what the route was registered with."""
        self._store = store
        self.threads = threads

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self, path: str) -> None:
        """Send it."""
        path = path.strip("/")
        contents: Any = self.contents_manager
        model = await ensure_async(contents.get(path, type="notebook", content=False))
        with http_errors():
            notebook = await self._complete(path)
            if self.flag("check"):
                await self.in_thread(notebook.pieces.close)  # type: ignore[attr-defined]
                self.set_status(204)
                await self.finish()
                return
            await self._send(str(model["name"]), notebook)

    async def _complete(self, path: str) -> Complete:
        contents: Any = self.contents_manager
        file = file_of(contents, path)
        if file is not None:
            return await self.in_thread(self._of_file, file)
        model = await ensure_async(contents.get(path, type="notebook", content=True))
        return await self.in_thread(self._completed, model["content"])

    def _of_file(self, path: Path) -> Complete:
        file = path.open("rb")
        if not _refers(file):
            return Complete(_chunks(file), os.fstat(file.fileno()).st_size)
        with file:
            try:
                notebook = nbformat.reads(file.read().decode("utf-8"), as_version=4)
            except ValueError as error:
                raise HTTPError(400, f"{path.name} is no notebook: {error}") from error
        return self._completed(notebook)

    def _completed(self, notebook: Any) -> Complete:
        completing = Completing(notebook, self._store)
        lacks = completing.lacks()
        if lacks:
            error = Incomplete(lacks)
            raise HTTPError(error.gravest.http_status) from error
        return Complete(completing.pieces(), None)

    async def _send(self, name: str, notebook: Complete) -> None:
        self.set_attachment_header(name)
        self.set_header("Content-Type", _MEDIA_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.send_uncompressed()
        if notebook.size is not None:
            self.set_header("Content-Length", str(notebook.size))
        try:
            while piece := await self.in_thread(next, notebook.pieces, b""):
                self.write(piece)
                await self.flush()  # waits until the socket has taken it: a slow client slows the reading
            await self.finish(set_content_type=_MEDIA_TYPE)
        except StreamClosedError:
            pass  # the client has left
        except (CrdtOutputsError, OSError) as error:
            if not self._headers_written:
                raise
            self.log.error("the download of %s ends before its end: %s", name, error)
            self.request.connection.stream.close()  # type: ignore[union-attr]
        finally:
            await self.in_thread(notebook.pieces.close)  # type: ignore[attr-defined]


def _refers(file: BinaryIO) -> bool:
    """Whether there may be a reference in a notebook's file, which is left at its beginning."""
    wanted, end = REFERENCE_MIME_TYPE.encode(), b""
    found = False
    while not found and (chunk := file.read(_CHUNK_BYTES)):
        found = wanted in end + chunk
        end = chunk[-len(wanted) :]
    file.seek(0)
    return found


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
