"""Rooms of jupyter-collaboration: the only file that touches private names of the packages underneath.

Tried with jupyter-collaboration 4.4 and 5.0. :func:`check_upstream` looks for every name before anything is
switched on, so a release that moved one turns this extension off with a message, and nothing else.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from jupyter_core.utils import ensure_async
from pycrdt import Array, Doc, Map, UndoManager
from tornado.web import HTTPError

from ..errors import NotANotebook, NotFound, UpstreamMoved
from .journal import updates_of_this_server

_HISTORY_S = 30.0
"""How long the closing of a room waits for its history; a database that is slower than this is given up."""

_NEEDED: dict[str, tuple[str, ...]] = {
    "jupyter_ydoc:ydocs": (),
    "jupyter_ydoc.ynotebook:YNotebook": ("aget", "aset", "get", "set", "version", "observe", "undo_manager"),
    "jupyter_server_ydoc.app:YDocExtension": (
        "ystore_class",
        "document_cleanup_delay",
        "initialize_handlers",
        "get_document",
        "_room_locks",
    ),
    "jupyter_server_ydoc.rooms:DocumentRoom": ("room_id", "cleaner", "initialize", "stop", "_maybe_save_document"),
    "jupyter_server_ydoc.loaders:FileLoaderMapping": ("remove", "__getitem__"),
    "jupyter_server_ydoc.loaders:FileLoader": ("load_content", "file_id"),
    "jupyter_server_ydoc.websocketserver:JupyterWebsocketServer": ("room_exists", "add_room", "delete_room"),
    "jupyter_server.services.kernels.connection.channels:ZMQChannelsWebsocketConnection": (
        "connect",
        "disconnect",
        "handle_incoming_message",
        "handle_outgoing_message",
    ),
}


def check_upstream() -> None:
    """Raise :class:`UpstreamMoved`, naming all that is missing, unless every upstream name is where we need it."""
    missing = []
    for name, attributes in _NEEDED.items():
        module, _, member = name.partition(":")
        try:
            owner = getattr(importlib.import_module(module), member)
        except (ImportError, AttributeError):
            missing.append(f"{module}.{member}")
            continue
        missing += [f"{module}.{member}.{each}" for each in attributes if not hasattr(owner, each)]
    try:
        from jupyter_server_ydoc.rooms import DocumentRoom

        source = inspect.getsource(DocumentRoom.__init__)
        missing += [f"DocumentRoom.{each}" for each in ("_document", "_file", "_update_lock") if each not in source]
    except (ImportError, OSError):
        pass
    if missing:
        raise UpstreamMoved(
            "jupyter-crdt-outputs stays off: the installed jupyter-collaboration or jupyter-server lacks "
            + ", ".join(missing)
            + ". Install jupyter-collaboration 4.4 or 5.x, or a newer jupyter-crdt-outputs."
        )


def unscoped_undo_manager(doc: Doc[Any]) -> Any:
    """An undo manager that follows nothing, for documents on the server, where nobody undoes."""
    make: Any = UndoManager
    needs_document = "doc" in inspect.signature(UndoManager.__init__).parameters  # pycrdt before 0.14
    return make(**({"doc": doc} if needs_document else {}), capture_timeout_millis=0)


class _Hold:
    """A member of ``room.clients`` that keeps the room from being evicted and hears nothing."""

    path = "jupyter-crdt-outputs"

    async def send(self, message: bytes) -> None:
        return None


class _Configured:
    """The collaboration extension as its own ``get_document`` is to see it.

    That method makes the history's store without the server's configuration, and so opens a second database.
    """

    def __init__(self, extension: Any) -> None:
        self._extension = extension
        self.ystore_class = partial(extension.ystore_class, config=extension.config)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._extension, name)


class Room:
    """One open notebook.

    Attributes:
        room_id: as in the room's URL.
        doc: the shared document.
        cells: its array of cells.
    """

    def __init__(self, upstream: Any) -> None:
        self.upstream = upstream
        self.room_id: str = upstream.room_id
        self.doc: Doc[Any] = upstream.ydoc
        self.cells: Array[Any] = upstream._document.ycells
        self._index: dict[str, int] = {}

    @property
    def path(self) -> str:
        """The notebook's path now; it follows renames."""
        return str(self.upstream._document.path)

    @property
    def contents_manager(self) -> Any:
        """What reads and writes this notebook's file."""
        return self.upstream._file._contents_manager

    @property
    def document(self) -> Any:
        """Upstream's notebook in this room."""
        return self.upstream._document

    @property
    def file_id(self) -> str:
        """Of the notebook, which stays when it is moved."""
        return self.room_id.rpartition(":")[2]

    @property
    def metadata(self) -> Map[Any]:
        """The notebook's own metadata, in the document."""
        found: Map[Any] = self.doc.get("meta", type=Map)["metadata"]
        return found

    @property
    def is_loading(self) -> bool:
        """Whether the file is being read into the document, in a transaction that others must stay out of."""
        return not self.upstream.ready or bool(getattr(self.upstream._document, "is_loading", False))

    @property
    def is_opening(self) -> bool:
        """Whether no client has seen the document yet."""
        return not self.upstream.ready

    @property
    def is_taking_over(self) -> bool:
        """Whether upstream compares the document with its file, or writes the one into the other."""
        return bool(self.upstream._update_lock.locked())

    async def opened(self) -> None:
        """Wait until clients may see the document."""
        await self.upstream.ready_event.wait()

    async def catch_up(self, updates: list[bytes]) -> None:
        """Apply updates that the document's history may lack, and put what they brought into the history."""
        before = self.doc.get_state()
        for update in updates:
            self.doc.apply_update(update)
        brought = self.doc.get_update(before)
        if self.upstream.ystore is not None and updates:
            await self.upstream.ystore.write(brought)

    async def history_written(self) -> None:
        """Wait until no update is on its way to the document's history."""
        await _history_written(self.upstream)

    async def reload(self) -> None:
        """Take the file over, as when somebody else has changed it."""
        await self.upstream._on_outofband_change()

    async def complete_history(self) -> None:
        """Put into the history what this server has written already, of which upstream may have left something out."""
        if self.upstream.ystore is not None:
            await self.upstream.ystore.write(updates_of_this_server(self.doc))

    async def file_content(self) -> dict[str, Any]:
        """The notebook as the file has it."""
        loader = self.upstream._file
        model = await ensure_async(loader._contents_manager.get(loader.path, type="notebook", content=True))
        content: dict[str, Any] = model["content"]
        return content

    async def file_is_as_saved(self) -> bool:
        """Whether the file holds exactly what this document's last save wrote, perhaps before a crash."""
        loader = self.upstream._file
        saved_hash = self.upstream._document.hash
        if not saved_hash:
            return False
        model = await ensure_async(loader._contents_manager.get(loader.path, content=False, require_hash=True))
        return bool(model.get("hash") == saved_hash)

    def find_cell(self, cell_id: str) -> Map[Any] | None:
        """The code cell of this id as it is now: moving a cell makes a new object of it."""
        index = self._index.get(cell_id)
        if index is not None and index < len(self.cells) and self.cells[index].get("id") == cell_id:
            return self._code_cell(self.cells[index])
        for index, cell in enumerate(self.cells):
            if cell.get("id") == cell_id:
                self._index[cell_id] = index
                return self._code_cell(cell)
        return None

    def observe(self, callback: Callable[[list[Any]], None]) -> Callable[[], None]:
        """Follow every change below the cells, beside upstream's own observers; returns how to stop."""
        subscription = self.cells.observe_deep(callback)
        return partial(self.cells.unobserve, subscription)

    def send_promptly(self) -> None:
        """Send small frames to the browsers at once: without, delayed acknowledgements cost 40 ms and more."""
        for client in self.upstream.clients:
            set_nodelay = getattr(client, "set_nodelay", None)
            if set_nodelay is not None and getattr(client, "ws_connection", None) is not None:
                set_nodelay(True)

    @property
    def save_delay_s(self) -> float | None:
        """How long upstream waits for a pause before it saves; None when nobody wants the file saved by itself."""
        delay: float | None = self.upstream._save_delay
        states = [state for state in self.upstream.awareness.states.values() if state]
        wants_autosave = not states or any(state.get("autosave", True) for state in states)
        return delay if wants_autosave else None

    @property
    def is_deserted(self) -> bool:
        """Whether no browser is left, or only connections that are closing."""
        return all(getattr(client, "ws_connection", None) is None for client in self.upstream.clients)

    @property
    def is_dirty(self) -> bool:
        """Whether the file lacks something of the document, as far as upstream knows."""
        return bool(self.upstream._document.dirty)

    async def save(self) -> None:
        """Save now, whatever changes keep coming: upstream waits for a pause, which a busy stream never makes.

        Upstream knows nothing of this save, or the next change would cancel it.
        """
        async with self.upstream._update_lock:  # the file may be on its way into the document
            pass
        await self.upstream._maybe_save_document(None, save_now=True)

    def guard_saves(self, guard: Callable[[Callable[[], Awaitable[None]], float | None], Awaitable[None]]) -> None:
        """Have every save of this notebook, whoever begins it, done by *guard*.

        It is given what saves, and for how long upstream would first have waited for a pause; None when somebody asked
        for the save. It is cancelled by the next change, as upstream's save is.
        """
        save = self.upstream._maybe_save_document

        async def guarded(before: asyncio.Task[None] | None, save_now: bool = False) -> None:
            delay = None if save_now else self.upstream._save_delay
            if delay is None and not save_now:
                return
            if before is not None:
                before.cancel()
            del before  # or what cancels this task keeps that one, and that one the one before, until a save succeeds
            await guard(partial(save, None, save_now=True), delay)

        self.upstream._maybe_save_document = guarded

    async def compact_history(self) -> bool:
        """Rewrite the stored history of this document as one update; False where its store cannot do that.

        In one database transaction: a crash leaves the old history or the new. Updates that come meanwhile wait for
        the same lock, and clients, who have a state of their own, are not affected.
        """
        ystore = self.upstream.ystore
        squash = getattr(ystore, "_squash_document_history", None)
        if squash is None or getattr(ystore, "_db", None) is None:
            return False
        async with ystore.lock, ystore._db:
            cursor = await ystore._db.cursor()
            await squash(cursor, ystore.path)
            await cursor.execute("DELETE FROM ycheckpoints WHERE path = ?", (ystore.path,))
        return True

    @staticmethod
    def _code_cell(cell: Any) -> Map[Any] | None:
        return cell if cell.get("cell_type") == "code" and isinstance(cell.get("outputs"), Array) else None


class Rooms:
    """The open notebooks of a server.

    Args:
        find_extension: gives the running ``YDocExtension``, which may be loaded after us, or None.
    """

    def __init__(self, find_extension: Callable[[], Any]) -> None:
        self._find_extension = find_extension
        self._found: Any = None
        self._rooms: WeakValueDictionary[str, Room] = WeakValueDictionary()  # a room that is closed is to be freed
        self._held: dict[str, int] = {}
        self._hold = _Hold()

    def get(self, room_id: str) -> Room | None:
        """The open notebook of this id."""
        upstream = self._upstream_rooms.get(room_id)
        if upstream is None or not hasattr(upstream, "_document"):
            return None
        room = self._rooms.get(room_id)
        if room is None or room.upstream is not upstream:
            room = self._rooms[room_id] = Room(upstream)
        return room

    async def id_of(self, path: str) -> str:
        """The id of a notebook's room, whether open or not.

        Raises:
            NotFound: there is no such file.
            NotANotebook: it is a folder, or another kind of file.
        """
        extension = self._extension()
        contents = extension.serverapp.contents_manager
        open_already = self.get(f"json:notebook:{self.file_id_of(path)}")
        if open_already is not None and open_already.path == path:
            return open_already.room_id
        try:
            model = await ensure_async(contents.get(path, content=False))
        except HTTPError as error:
            raise NotFound(f"there is no notebook {path}") from error
        if model.get("type") != "notebook":
            raise NotANotebook(f"{path} is not a notebook")
        file_id = extension.serverapp.web_app.settings["file_id_manager"].index(path)
        if file_id is None:
            raise NotFound(f"there is no notebook {path}")
        return f"json:notebook:{file_id}"

    def file_id_of(self, path: str) -> str | None:
        """The id of a file, if anybody has asked for that before."""
        extension = self._running()
        if extension is None:
            return None
        found: str | None = extension.serverapp.web_app.settings["file_id_manager"].get_id(path)
        return found

    async def open(self, room_id: str) -> tuple[Room, Callable[[], None]]:
        """The notebook of this id, which no browser need have open, held; returns also how to let it go.

        Raises:
            NotFound: there is no such notebook.
            NotANotebook: the file cannot be read as one.
        """
        present = self.get(room_id)
        if present is not None and not present.is_opening:
            return present, self.hold(present)
        extension = self._extension()
        form, _, file_id = room_id.rpartition(":")
        files = extension.serverapp.web_app.settings["file_id_manager"]
        if form != "json:notebook" or files.get_path(file_id) is None:
            raise NotFound(f"there is no notebook in a room {room_id!r:.80}")
        try:
            await type(extension).get_document(_Configured(extension), room_id=room_id, copy=False, create=True)
            room = self.get(room_id)
            if room is None:
                raise NotFound(f"the room {room_id} was closed while it was opened")
            release = self.hold(room)
            try:  # it may have been in the middle of being opened by a browser
                async with extension._room_locks[room_id]:
                    await room.upstream.initialize()
                await asyncio.sleep(0)  # what is to be done when a room is open comes before what its opener does
            except BaseException:
                release()
                raise
        except HTTPError as error:
            if error.status_code == 404:
                raise NotFound(f"there is no notebook {files.get_path(file_id)}") from error
            raise NotANotebook(f"{files.get_path(file_id)} cannot be opened: {error.log_message}") from error
        return room, release

    def showing(self, document: Any) -> Room | None:
        """The open notebook whose document object this is."""
        for room_id, upstream in self._upstream_rooms.items():
            if getattr(upstream, "_document", None) is document:
                return self.get(room_id)
        return None

    def __iter__(self) -> Iterator[Room]:
        for room_id in list(self._upstream_rooms):
            room = self.get(room_id)
            if room is not None and room.upstream.file_type == "notebook":
                yield room

    def history(self) -> tuple[Path | None, Callable[[bytes], bytes] | None]:
        """Where the histories of all documents are, a database or a folder, and what undoes their compression.

        Nothing where collaboration is off, or keeps them in a way that we do not know: then they are not read.
        """
        extension = self._running()
        if extension is None:
            return None, None
        ystore = extension.ystore_class(path="crdt-outputs", config=extension.config)
        place = getattr(ystore, "db_path", None) or getattr(ystore, "base_dir", None)
        return (Path(place).absolute() if place else None), getattr(ystore, "_decompress", None)

    def hold(self, room: Room) -> Callable[[], None]:
        """Keep a notebook open with no browser left; returns how to let it go, after which it closes as usual.

        May be called many times; each hold is let go on its own, and only once.
        """
        room_id: str = room.room_id
        upstream: Any = room.upstream
        self._held[room_id] = self._held.get(room_id, 0) + 1
        upstream.clients.add(self._hold)
        if upstream.cleaner is not None:
            upstream.cleaner.cancel()
        held: list[Room] = [room]

        def release() -> None:
            if held:
                self._release(held.pop())

        return release

    def _release(self, room: Room) -> None:
        room_id: str = room.room_id
        upstream: Any = room.upstream
        self._held[room_id] -= 1
        if self._held[room_id]:
            return
        del self._held[room_id]
        upstream.clients.discard(self._hold)
        if room.is_deserted and self._upstream_rooms.get(room_id) is upstream:
            room.upstream.cleaner = asyncio.get_running_loop().create_task(self._close_later(room_id, upstream))

    async def _close_later(self, room_id: str, upstream: Any) -> None:
        """What the last browser's leaving would have done, had the room not been held."""
        extension = self._running()
        delay = extension.document_cleanup_delay
        if delay is None:
            return
        await asyncio.sleep(delay)
        async with extension._room_locks[room_id]:
            await _history_written(upstream)
            if upstream.clients or self._upstream_rooms.get(room_id) is not upstream:
                return
            await extension.ywebsocket_server.delete_room(room=upstream)
            loaders = extension.file_loaders
            file_id = room_id.split(":", 2)[2]
            if file_id in loaders and loaders[file_id].number_of_subscriptions == 0:
                await loaders.remove(file_id)
            extension._room_locks.pop(room_id, None)

    def _running(self) -> Any:
        """The collaboration extension, once it runs; it does not go away any more."""
        if self._found is None:
            self._found = self._find_extension()
        return self._found

    def _extension(self) -> Any:
        extension = self._running()
        if extension is None:
            raise NotFound("real-time collaboration is switched off on this server")
        return extension

    @property
    def _upstream_rooms(self) -> dict[str, Any]:
        extension = self._running()
        return extension.ywebsocket_server.rooms if extension is not None else {}


async def _history_written(upstream: Any) -> None:
    """Wait until no update is on its way to the room's history.

    Deleting a room cancels these writes. One that is cancelled within its transaction leaves the database locked for
    every other room.
    """
    for _ in range(3):  # until what was written to the document just now is in the queue for the lock
        await asyncio.sleep(0)
    if upstream.ystore is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_HISTORY_S), upstream.ystore.lock:
                pass


def running_extension(serverapp: Any) -> Any | None:
    """The collaboration extension of this server, or None when it is not there or real-time collaboration is off."""
    apps = serverapp.extension_manager.extension_apps.get("jupyter_server_ydoc", ())
    for app in apps:
        if not app.disable_rtc and hasattr(app, "ywebsocket_server"):
            return app
    return None


def remember_kernel_info(manager: Any, info: dict[str, Any]) -> None:
    """Let browsers connect to a kernel that we have asked already, however busy it is.

    jupyter_server asks when the first of them connects, which otherwise would wait until the cell ends that runs then.
    """
    if not hasattr(manager, "_kernel_info_future") and "protocol_version" in info:
        manager._kernel_info_future = known = Future[dict[str, Any]]()
        known.set_result(info)


def install_notebook_class(notebook_class: type) -> None:
    """Let every room opened from now on make its notebook of *notebook_class*.

    The entry-point group cannot do this: upstream's own class wins there in every order of installation.
    """
    from jupyter_ydoc import ydocs

    ydocs["notebook"] = notebook_class


def install_loading(load: Callable[[str, Callable[[], Awaitable[dict[str, Any]]]], Awaitable[dict[str, Any]]]) -> None:
    """Have every notebook for a room loaded by *load*, which is given the room's id and upstream's way of loading."""
    from jupyter_server_ydoc.loaders import FileLoader

    upstreams = getattr(FileLoader.load_content, "upstreams", FileLoader.load_content)

    async def load_content(self: Any, format: str, file_type: str) -> dict[str, Any]:
        upstream = partial(upstreams, self, format, file_type)
        if file_type != "notebook":
            plain: dict[str, Any] = await upstream()
            return plain
        return await load(f"{format}:{file_type}:{self.file_id}", upstream)

    load_content.upstreams = upstreams  # type: ignore[attr-defined]
    FileLoader.load_content = load_content
