"""The rooms of a server: finding and opening them, and keeping them open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ...errors import NotANotebook, NotFound
from .holding import Holds
from .room import Room


class _Configured:
    """The collaboration extension as its own ``get_document`` is to see it.

    That method makes the history's store without the server's configuration, and so opens a second database.
    """

    def __init__(self, extension: Any) -> None:
        self._extension = extension
        self.ystore_class = partial(extension.ystore_class, config=extension.config)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._extension, name)


class Rooms:
    """The open notebooks of a server.

    Args:
        find_extension: gives the running ``YDocExtension``, which may be loaded after us, or None.
    """

    def __init__(self, find_extension: Callable[[], Any]) -> None:
        self._find_extension = find_extension
        self._found: Any = None
        self._rooms: WeakValueDictionary[str, Room] = WeakValueDictionary()  # a room that is closed is to be freed
        self._holds = Holds(self._running)

    def get(self, room_id: str) -> Room | None:
        """The open notebook of this id."""
        upstream = self._upstream_rooms.get(room_id)
        if upstream is None or not hasattr(upstream, "_document"):
            return None
        room = self._rooms.get(room_id)
        if room is None or room.upstream is not upstream:
            room = self._rooms[room_id] = Room(upstream)
        return room

    def is_open(self, room: Room) -> bool:
        """Whether this is open still; a notebook that is closed and opened again has another room."""
        current = self.get(room.room_id)
        return current is not None and current.upstream is room.upstream

    async def id_of(self, path: str) -> str:
        """The id of a notebook's room, whether open or not.

        Raises:
            NotFound: there is no such file.
            NotANotebook: it is a folder, or another kind of file.
        """
        extension = self._extension()
        contents = extension.serverapp.contents_manager
        open_already = self.at(path)
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

    def path_of(self, room_id: str) -> str | None:
        """The path of the notebook whose room, open or not, has this id."""
        form, _, file_id = room_id.rpartition(":")
        extension = self._running()
        if form != "json:notebook" or extension is None:
            return None
        found: str | None = extension.serverapp.web_app.settings["file_id_manager"].get_path(file_id)
        return found

    def at(self, path: str) -> Room | None:
        """The open notebook at this path."""
        file_id = self.file_id_of(path)
        return None if file_id is None else self.get(f"json:notebook:{file_id}")

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
        path = self.path_of(room_id)
        if path is None:
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
                raise NotFound(f"there is no notebook {path}") from error
            raise NotANotebook(f"{path} cannot be opened: {error.log_message}") from error
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
        return self._holds.hold(room)

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
