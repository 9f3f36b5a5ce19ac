"""Saving notebooks in pieces and opening them in steps, in front of a contents manager that would do both at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ...errors import CrdtOutputsError
from ...files import CannotSplice, NotebookFiles, Saved, ThinNotebook
from ..handing_over import reading_for
from ..opening import NotebookOpener
from ..remembering import FileMemory
from ..signatures import Signatures
from .file_managers import is_hooked, is_known, os_path_of


class SplicingContents:
    """Stands in front of ``save`` and ``get`` of a contents manager.

    Args:
        manager: the server's.
        files: writes the files.
        opener: reads them for rooms.
        memory: is told of what was saved.
        told: called with a notebook's path and what its save failed with; with None when a later one did not.
        log: for administrators.
    """

    def __init__(
        self,
        manager: Any,
        files: NotebookFiles,
        opener: NotebookOpener,
        memory: FileMemory,
        told: Callable[[str, Exception | None], None],
        log: logging.Logger,
    ) -> None:
        self._told = told
        self._failed: set[str] = set()
        self._manager = manager
        self._files = files
        self._opener = opener
        self._memory = memory
        self._log = log
        self._signed: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._signatures = Signatures(manager, log)
        self._save, self._get = manager.save, manager.get

    def install(self) -> bool:
        """Take the place of the manager's methods, if it is one that we know; tells whether."""
        if not is_known(self._manager):
            return False
        self._manager.save, self._manager.get = self.save, self.get
        return True

    def stop(self) -> None:
        """Let go of the signatures. Blocks."""
        self._signatures.stop()

    @property
    def is_installed(self) -> bool:
        """Whether notebooks that the manager saves come by here."""
        return bool(self._manager.save == self.save)

    def size_of(self, path: str) -> int:
        """Bytes of the file at *path* when it was last saved here; 0 when it never was."""
        return self._sizes.get(path.strip("/"), 0)

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """As the manager's. What it is told of is the same, too: signature, checkpoint, hooks after the save, event."""
        notebook = model.get("content")
        if not isinstance(notebook, ThinNotebook):
            return await ensure_async(self._save(model, path))
        path = path.strip("/")
        try:
            saved = await self._save_notebook(model, notebook, path)
        except Exception as error:
            self._failed.add(path)
            self._told(path, error)
            raise
        if path in self._failed:
            self._failed.discard(path)
            self._told(path, None)
        return saved

    async def get(self, path: str, content: bool = True, *more: Any, require_hash: bool = False, **named: Any) -> Any:
        """As the manager's, which reads a whole file to hash it. A room gets its notebook in the document's form."""
        if require_hash and not content:
            os_path = os_path_of(self._manager, path)
            known = self._files.hash_of(os_path, self._manager.hash_algorithm)  # one stat, as what comes next
            if known is not None:
                model = await ensure_async(self._get(path, content, *more, **named))
                return {**model, "hash": known, "hash_algorithm": self._manager.hash_algorithm}
        if content and reading_for() and not more and not require_hash and named.get("type") == "notebook":
            model = await ensure_async(self._get(path, content=False, **named))  # so that a later change is seen as one
            os_path = os_path_of(self._manager, path)
            if await self._opener.open(self._manager, self._signatures, path.strip("/"), os_path, model):
                return model
        if require_hash:
            named["require_hash"] = True
        return await ensure_async(self._get(path, content, *more, **named))

    async def _save_notebook(self, model: dict[str, Any], notebook: ThinNotebook, path: str) -> Any:
        if not is_hooked(self._manager):
            try:
                return await self._save_thin(notebook, path)
            except CannotSplice:
                pass
        return await ensure_async(self._save({**model, "content": await notebook.complete()}, path))

    async def _save_thin(self, notebook: ThinNotebook, path: str) -> Any:
        manager = self._manager
        os_path = os_path_of(manager, path)
        self._log.debug("Saving %s", os_path)
        try:
            saved = await asyncio.to_thread(
                self._files.save,
                os_path,
                notebook,
                manager.notary,
                manager.hash_algorithm,
                notebook.file_max_bytes,
            )
        except (OSError, CrdtOutputsError) as error:
            self._log.exception("Error while saving file: %s", path)
            raise HTTPError(500, f"Unexpected error while saving file: {path} {error}") from error
        self._sizes[path] = saved.size
        self._memory.saved(manager, os_path, notebook, saved)
        await self._sign(path, saved)
        if not await ensure_async(manager.list_checkpoints(path)):
            await ensure_async(manager.create_checkpoint(path))
        model = await ensure_async(self._get(path, content=False))
        manager.run_post_save_hooks(model=model, os_path=str(os_path))
        manager.emit(data={"action": "save", "path": path})
        return model

    async def _sign(self, path: str, saved: Saved) -> None:
        """Remember that the notebook is trusted."""
        if saved.signature is None:
            self._log.warning("Notebook %s is not trusted", path)
        elif self._signed.get(path) != saved.signature:
            await self._signatures.add(saved.signature)
            self._signed[path] = saved.signature
