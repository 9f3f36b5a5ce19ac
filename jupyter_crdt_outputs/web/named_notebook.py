"""The notebook that a request names, by ``path`` or by ``room``, and other words of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..errors import InvalidRequest, NotANotebook, NotFound
from ..model.given import number
from ..viewing.notebooks import Notebooks
from .handler import CrdtOutputsHandler

_LONGEST_NAME = 1024
_FARTHEST = 10**9


@dataclass(frozen=True, slots=True)
class NamedNotebook:
    """A notebook that somebody may see.

    Attributes:
        path: below the server's root.
        is_writable: whether its file can be written.
    """

    path: str
    is_writable: bool


class NamesNotebook(CrdtOutputsHandler):
    """A handler whose requests name a notebook."""

    def argument(self, name: str) -> str | None:
        """A parameter of the query. Raises InvalidRequest for one that is too long."""
        value = self.get_query_argument(name, None)
        if value is not None and len(value) > _LONGEST_NAME:
            raise InvalidRequest(f"{name} is too long")
        return value

    def integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number of the query; None when it is not given. Raises InvalidRequest."""
        value = self.argument(name)
        if value is None:
            return None
        found = number(value, name, low, high)
        if found != int(found):
            raise InvalidRequest(f"{name} is a whole number")
        return int(found)

    def index(self, name: str) -> int | None:
        """The index of something, from the end when negative. Raises InvalidRequest."""
        return self.integer(name, -_FARTHEST, _FARTHEST)

    async def notebook_in(self, notebooks: Notebooks) -> NamedNotebook:
        """The notebook that is meant, which this user may see.

        Raises:
            InvalidRequest, NotFound, NotANotebook: see there.
            HTTPError: the server refuses it.
        """
        path, room = self.argument("path"), self.argument("room")
        if (path is None) == (room is None):
            raise InvalidRequest("give the notebook by path or by room")
        found = notebooks.path_of(room) if path is None and room is not None else path or ""
        return await notebook_at(self.contents_manager, found)


async def notebook_at(contents: Any, path: str) -> NamedNotebook:
    """The notebook at a path.

    Args:
        contents: the server's contents manager.
        path: below its root; slashes around it do not count.

    Raises:
        NotFound, NotANotebook: there is none.
        HTTPError: the server refuses it.
    """
    path = path.strip("/")
    try:
        model = await ensure_async(contents.get(path, content=False))
    except (OSError, ValueError, HTTPError) as error:  # the first two for names that no file can have
        if isinstance(error, HTTPError) and error.status_code != 404:
            raise
        raise NotFound(f"there is no notebook {path!r:.80}") from error
    if model["type"] != "notebook":
        raise NotANotebook(f"{path!r:.80} is not a notebook")
    return NamedNotebook(path, model.get("writable") is not False)
