"""The server's own exports, File → Save and Export Notebook As…, which take notebooks from files and from browsers."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

from anyio import from_thread
from jupyter_server import CallContext
from nbconvert.utils.exceptions import ConversionException

from .hook import SERVED, Served
from .preprocessor import StoredOutputsPreprocessor
from .resolving import Sources


class ServedOutputsPreprocessor(StoredOutputsPreprocessor):
    """Reads from the running server's store, for a user who may read outputs.

    The notebook may hold any digest at all, so the authorizer is asked as for an artifact. Where no request is, nobody
    is known to ask, and nothing is given.
    """

    def _sources(self) -> Sources:
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        served = None if handler is None else handler.settings.get(SERVED)
        if not isinstance(served, Served) or not _is_allowed(handler, served.resource):
            raise ConversionException("This notebook refers to stored outputs, which you may not read.")
        return served.sources


def _is_allowed(handler: Any, resource: str) -> bool:
    async def ask() -> bool:
        answer = handler.authorizer.is_authorized(handler, handler.current_user, "read", resource)
        return bool(await answer if isawaitable(answer) else answer)

    try:
        return from_thread.run(ask)  # exporters work in a thread of anyio's; an authorizer belongs on the event loop
    except RuntimeError:  # not one of anyio's
        return False
