"""The server extension: configuration in, parts wired. The only file that knows all the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets import Bool, Float, Int, List, TraitError, Unicode, default

from .document.announcements import Announcements
from .document.contents import SplicingContents, saving
from .document.housekeeping import Housekeeping
from .document.journal import Journals
from .document.memory import MemoryReturn
from .document.notebook import Host, notebook_class
from .document.recorded_cells import RecordedCells
from .document.rooms import Room, Rooms, check_upstream, install_notebook_class, running_extension
from .document.saving import Saver
from .document.sweep import Sweeper
from .errors import CrdtOutputsError, InvalidSetting, UpstreamMoved
from .files import NotebookFiles
from .kernel.context import RecorderContext
from .kernel.kernels import Kernels
from .kernel.waiting import Waiting
from .kernel.websocket import claiming_connection_class
from .model.digest import Digest
from .settings import Settings
from .store import ArtifactStore, open_store
from .store.archive import Archive
from .store.collection.quota import QuotaStore
from .store.collection.rules import DAY_S, Rules
from .store.collection.touches import Touches
from .store.signing import SignedUrl, UrlSigner
from .store.spool import SpooledStore, open_spooled
from .store.state import StoreState
from .store.verified_store import VerifiedStore
from .streams.logs import Logs
from .web import artifacts, metrics, store_state, streams
from .web.notices import Notices
from .web.store_notices import StoreNotices

_REPLACES_ROOMS = "jupyter_server_documents"


class CrdtOutputsApp(ExtensionApp):
    """Keeps the outputs of notebooks in an artifact store and small references in the shared documents."""

    serverapp: ServerApp
    name = "jupyter_crdt_outputs"
    app_name = "CRDT outputs"
    description = __doc__
    extension_url = "/api/crdt-outputs"

    enabled = Bool(True, config=True, help="Whether to record outputs at all. False is stock JupyterLab.")

    store_url = Unicode(
        config=True,
        help="""Where artifacts are kept: an absolute path, or the URL of any file system that fsspec knows, such as
        s3://bucket/outputs. Defaults to a folder in Jupyter's data directory.""",
    )

    document_max_bytes = Int(
        4096,
        config=True,
        help="""The largest part of an output, in bytes, that stays in the shared document. From 256 to 1048576.""",
    )

    file_stream_max_bytes = Int(
        1 << 26,
        config=True,
        help="""The longest printed text of one output, in bytes, that is saved in the notebook's file. Of a longer one,
        the file has a reference and the first and last lines. From 1048576 to 1099511627776.""",
    )

    output_max_bytes = Int(
        1 << 29,
        config=True,
        help="""The largest message with a single output (a picture, a page, a table), in bytes, that is taken. In place
        of a larger one stands a sentence that says so. From 1048576 to 1099511627776.""",
    )

    queue_max_bytes = Int(
        1 << 26,
        config=True,
        help="""How much of what kernels publish waits in memory to be recorded, in bytes, all kernels together. What is
        beyond that waits on the local disk. From 1048576 to 1099511627776.""",
    )

    spool_max_bytes = Int(
        1 << 33,
        config=True,
        help="""How much may wait on this server's disk to be uploaded to a store that is not on a local disk, in bytes.
        From 1048576 to 1125899906842624.""",
    )

    cache_max_bytes = Int(
        1 << 31,
        config=True,
        help="""How much of what such a store has is kept on this server's disk as well, in bytes. From 1048576 to
        1125899906842624.""",
    )

    signed_url_s = Int(
        0,
        config=True,
        help="""Seconds for which a browser may fetch an artifact from its bucket (S3, Azure, Google Cloud Storage),
        under a signed address to which this server sends whoever may read it. 0: browsers fetch from this server.
        Else from 10 to 604800.""",
    )

    flush_interval_ms = Int(
        50,
        config=True,
        help="""Milliseconds between two writes of a cell that prints fast. From 1 to 5000.""",
    )

    save_interval_s = Float(
        5.0,
        config=True,
        help="""Seconds after which a notebook is saved although it keeps changing. From 1 to 3600.""",
    )

    collect_every_h = Float(
        0.0,
        config=True,
        help="""Hours between two collections, in which artifacts that no notebook refers to any more go to the store's
        trash, and from there for good. 0 for none, else up to 8760.""",
    )

    grace_days = Float(
        14.0,
        config=True,
        help="""How long an artifact that nothing refers to is kept, in days, and then again in the trash. From 2 to
        3650.""",
    )

    further_roots = List(
        Unicode(),
        config=True,
        help="""Folders beside the server's root directory whose notebooks may refer to artifacts: absolute paths.""",
    )

    quota_bytes = Int(
        0,
        config=True,
        help="""How much the store may hold, in bytes; beyond it, new outputs stay in their notebooks. 0 for as much as
        fits, else from 1048576.""",
    )

    @default("store_url")
    def _default_store_url(self) -> str:
        return str(Path(jupyter_data_dir()) / "crdt-outputs")

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._refuse_to_start(error)

    def initialize_settings(self) -> None:
        """Wire the parts, or say loudly why not and leave JupyterLab as it is."""
        self._stops: list[Any] = []
        self._housekept: VerifiedStore | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        page = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        page["crdtOutputs"] = "off"
        self._notices = Notices(self.serverapp.event_logger)
        if not self.enabled:
            self.log.info("jupyter-crdt-outputs is switched off: outputs stay in the documents")
            return
        try:
            if _REPLACES_ROOMS in self._enabled_extensions():
                raise UpstreamMoved(
                    f"jupyter-crdt-outputs is off, since {_REPLACES_ROOMS} is on. Disable one of the two: "
                    f"jupyter server extension disable {_REPLACES_ROOMS}"
                )
            check_upstream()
            self._wire(self._checked_settings())
        except InvalidSetting as error:
            self._refuse_to_start(error)
        except CrdtOutputsError as error:
            self.log.error("%s", error)
            page["crdtOutputs"], page["crdtOutputsReason"] = "refused", str(error)
        else:
            page["crdtOutputs"] = "on"

    async def stop_extension(self) -> None:
        """Write and save what is under way."""
        for stop in self._stops:
            await stop()

    def _checked_settings(self) -> Settings:
        return Settings(
            self.store_url,
            self.document_max_bytes,
            self.file_stream_max_bytes,
            self.output_max_bytes,
            self.queue_max_bytes,
            self.spool_max_bytes,
            self.cache_max_bytes,
            self.signed_url_s,
            self.flush_interval_ms,
            self.save_interval_s,
            self.collect_every_h,
            self.grace_days,
            tuple(self.further_roots),
            self.quota_bytes,
        )

    def _wire(self, settings: Settings) -> None:
        store = open_spooled(
            settings.store_url,
            Path(jupyter_data_dir()) / "crdt-outputs-spool",
            settings.spool_max_bytes,
            settings.cache_max_bytes,
            self.log,
        )
        own = partial(self._own_store, settings.store_url, store)
        self.archive = Archive(store, settings.policy)  # a notebook can always be opened, whatever the quota
        guarded, quota = self._guarded(store, settings.quota_bytes)
        recorded = Archive(guarded, settings.policy)
        touches = Touches(own, self.log)
        self._memory = MemoryReturn()
        folder = Path(jupyter_data_dir()) / "crdt-outputs-logs"
        logs = Logs(folder, guarded)
        waiting = Waiting(settings.queue_max_bytes, folder, self.log)
        metrics.follow(waiting)
        self.rooms = Rooms(partial(running_extension, self.serverapp))
        announcements = Announcements(lambda document: self._seen(document, cells, sweeper, journals))
        contents = SplicingContents(self.serverapp.contents_manager, NotebookFiles(self.archive), self._saved, self.log)
        in_pieces = saving if contents.install() else nullcontext
        saver = Saver(self.rooms, settings.save_interval_s, lambda: waiting.any, contents.size_of, in_pieces)
        self._saver = saver
        troubles = StoreNotices(guarded, self._notices, self.log)
        sweeper = Sweeper(
            recorded,
            logs,
            lambda room, cell_id: cells.written(room, cell_id),
            self._compact,
            troubles.failed,
            self.log,
        )
        cells = RecordedCells(self.rooms, sweeper.outputs_changed)
        journals = Journals(Path(jupyter_data_dir()) / "crdt-outputs-journal", self.log)
        host = Host(self.archive, logs, self.rooms, journals, announcements, touches.seen_in, self._outputs_missing)
        install_notebook_class(notebook_class(host))
        context = RecorderContext(
            rooms=self.rooms,
            cells=cells,
            archive=recorded,
            logs=logs,
            waiting=waiting,
            output_max_bytes=settings.output_max_bytes,
            flush_interval_s=settings.flush_interval_ms / 1000,
            is_connected=lambda client: kernels.is_connected(client),
            tell_idle=lambda client, request_id: kernels.tell_idle(client, request_id),
            store_failed=troubles.failed,
            lost=metrics.lost,
            wrote=saver.wrote,
            leave=saver.leave,
            log=self.log,
        )
        kernels = Kernels(context, announcements)
        self._mix_into_websocket(kernels)
        # What is written to a local store is there at once, and nothing waits.
        state, waiting_digests = (
            (store.state, store.waiting) if isinstance(store, SpooledStore) else (StoreState, list[Digest])
        )
        if quota is not None:
            state = partial(_with_quota, state, quota)
        store_watch = store_state.StoreWatch(state, self.serverapp.event_logger, self.serverapp.io_loop)
        self.handlers.extend(
            [
                *artifacts.handlers(store, "/", self._url_of(store, settings)),
                *streams.handlers(store, logs, "/"),
                *store_state.handlers(state, waiting_digests, "/"),
            ]
        )
        housekeeping = Housekeeping(
            own,
            store,
            self.rooms,
            Path(jupyter_data_dir()),
            self._notebook_folders(settings),
            Rules(settings.grace_days * DAY_S),
            settings.collect_every_h * 3600,
            quota,
            self.log,
        )
        self.serverapp.io_loop.add_callback(housekeeping.start)
        self._stops = [
            kernels.stop,
            sweeper.stop,
            saver.stop,
            troubles.stop,
            housekeeping.stop,
            partial(asyncio.to_thread, touches.stop),
        ]
        if isinstance(store, SpooledStore):
            metrics.follow_store(store.state)
            # Its folder may be long to list.
            Thread(target=store.start, args=[store_watch.changed], name="spool", daemon=True).start()
            self._stops.append(partial(asyncio.to_thread, store.stop))

    def _url_of(self, store: ArtifactStore, settings: Settings) -> artifacts.UrlOf | None:
        if not settings.signed_url_s:
            return None
        signer = UrlSigner(settings.store_url, settings.signed_url_s, self.log)

        def url_of(digest: Digest, content_type: str, disposition: str) -> SignedUrl | None:
            if isinstance(store, SpooledStore) and not store.is_away(digest):
                return None
            return signer.url_of(digest, content_type, disposition)

        return url_of

    def _own_store(self, url: str, store: ArtifactStore) -> VerifiedStore:
        """The store itself, for housekeeping. Raises StoreUnavailable."""
        if self._housekept is None:
            self._housekept = store if isinstance(store, VerifiedStore) else open_store(url)
        return self._housekept

    def _guarded(self, store: ArtifactStore, quota_bytes: int) -> tuple[ArtifactStore, QuotaStore | None]:
        if not quota_bytes:
            return store, None

        def warn(sentence: str) -> None:
            self.serverapp.io_loop.add_callback(self._notices.emit, "store-nearly-full", sentence)
            self.log.warning("%s", sentence)

        quota = QuotaStore(store, quota_bytes, warn)
        return quota, quota

    def _notebook_folders(self, settings: Settings) -> list[Path]:
        """Where notebooks are, that refer to artifacts; empty where they are no files of this machine."""
        contents = self.serverapp.contents_manager
        if not isinstance(contents, FileManagerMixin):
            self.log.info("notebooks are no files here, so this server keeps all that is in the artifact store")
            return []
        places = [contents.root_dir, getattr(contents.checkpoints, "root_dir", None), *settings.further_roots]
        return [Path(place) for place in dict.fromkeys(places) if place]

    def _mix_into_websocket(self, kernels: Kernels) -> None:
        base = self.settings["kernel_websocket_connection_class"]
        if not issubclass(base, ZMQChannelsWebsocketConnection):
            self.log.warning(
                "kernels are reached through %s, which this package cannot listen to: outputs are taken out of the "
                "documents only after they have been there",
                base.__name__,
            )
            return
        self.settings["kernel_websocket_connection_class"] = claiming_connection_class(base, kernels)

    def _seen(self, document: Any, cells: RecordedCells, sweeper: Sweeper, journals: Journals) -> None:
        room = self.rooms.showing(document)
        if room is not None and cells.follow(room):
            room.guard_saves(partial(self._saver.guard, room))
            journals.follow(room.room_id, room.doc)
            self._in_background(room.complete_history(), "history not completed")
            sweeper.look_at(room)
            self._memory.after_reading(self.archive.bytes_offloaded)

    def _compact(self, room: Room) -> None:
        self._in_background(room.compact_history(), "history not compacted")

    def _in_background(self, work: Coroutine[Any, Any, Any], complaint: str) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                self.log.warning(complaint, exc_info=task.exception())

        task.add_done_callback(done)

    def _outputs_missing(self, path: str, problems: list[str]) -> None:
        for problem in problems:
            self.log.error("%s keeps a reference that cannot be resolved: %s", path, problem)
        self._notices.emit("outputs-missing", "\n".join(problems[:5]), path)

    def _saved(self, path: str, error: Exception | None) -> None:
        if error is None:
            self._notices.emit("saved", f"{path} is saved again.", path)
        else:
            why = getattr(error, "log_message", None) or str(error)
            self._notices.emit("not-saved", f"{path} is not saved; it is tried again. {why}", path)

    def _enabled_extensions(self) -> set[str]:
        extensions = self.serverapp.extension_manager.extensions
        return {name for name, package in extensions.items() if package.enabled}

    def _refuse_to_start(self, error: Exception) -> None:
        self.log.critical("jupyter-crdt-outputs: %s", error)
        raise SystemExit(1) from error


def _with_quota(state: Callable[[], StoreState], quota: QuotaStore) -> StoreState:
    return replace(state(), used_bytes=quota.used_bytes, quota_bytes=quota.quota_bytes)
