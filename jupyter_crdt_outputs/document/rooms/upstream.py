"""What must be where it is in the packages underneath, and what is put into its place there."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from pycrdt import Doc, UndoManager

from ...errors import UpstreamMoved

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
