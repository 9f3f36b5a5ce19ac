"""The signatures of trusted notebooks, whose database takes its time to have one on the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from nbformat.sign import SQLiteSignatureStore

T = TypeVar("T")


class Signatures:
    """Asks and tells the store of a ``NotebookNotary``, where it is a database file in a thread of its own.

    A connection to the database belongs to the thread that made it, so this has one more than the notary. A store of
    any other kind is used where it belongs, on the event loop.

    Args:
        manager: a contents manager, whose notary's store it is.
        log: for administrators.
    """

    def __init__(self, manager: Any, log: logging.Logger) -> None:
        self._manager = manager
        self._log = log
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="signatures")
        self._own: Any = None  # only in the thread

    @property
    def _notary(self) -> Any:
        return self._manager.notary

    async def has(self, signature: str) -> bool:
        """Whether the notebook of this signature is trusted."""
        return bool(await self._do(lambda store: store.check_signature(signature, self._notary.algorithm)))

    async def add(self, signature: str) -> None:
        """Trust the notebook of this signature. A database that cannot be written is begun anew."""
        try:
            await self._add(signature)
        except Exception:
            self._log.warning("the signatures of notebooks cannot be written; starting anew", exc_info=True)
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
            self._notary.store = self._notary.store_factory()
            await self._add(signature)

    def stop(self) -> None:
        """Let go of the database. Blocks."""
        self._thread.submit(self._close)
        self._thread.shutdown()

    async def _add(self, signature: str) -> None:
        await self._do(lambda store: store.store_signature(signature, self._notary.algorithm))

    async def _do(self, ask: Callable[[Any], T]) -> T:
        store = self._notary.store
        if type(store) is not SQLiteSignatureStore or store.db_file == ":memory:":
            return ask(store)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._asked, store.db_file, ask)

    def _asked(self, database: str, ask: Callable[[Any], T]) -> T:
        if self._own is None:
            self._own = SQLiteSignatureStore(database, log=self._log)
        return ask(self._own)

    def _close(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None
