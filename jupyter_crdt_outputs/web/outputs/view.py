"""Cells and what they put out, as text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_server.utils import url_path_join

from ...errors import InvalidRequest
from ...model.plain_text import plain
from ...model.views import Links, NotebookView, ViewRequest, to_text
from ...viewing.chosen import FoundCells
from ..handler import allowed_to, http_errors
from .named_output import NamesOutput

_CELLS_AT_ONCE = 50


class OutputsHandler(NamesOutput):
    """Cells and what they put out, as text."""

    @allowed_to("read")
    @allowed_to("read", "contents")
    async def get(self) -> None:
        """JSON of a :class:`NotebookView`; plain text for who asks for that."""
        with http_errors():
            if self.argument("view") not in (None, "text"):
                raise InvalidRequest("view is text")
            is_plain = self._is_plain()
            request = self._request()
            path, found = await self.cells(request)
            view = await self._view(path, found, request)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Vary", "Accept")
        if is_plain:
            await self.finish(to_text(view), set_content_type="text/plain; charset=UTF-8")
        else:
            await self.finish(json.dumps(view.to_json(), ensure_ascii=False, separators=(",", ":")))

    def _is_plain(self) -> bool:
        form = self.argument("format")
        if form not in (None, "json", "text"):
            raise InvalidRequest("format is json or text")
        accepted = self.request.headers.get("Accept", "")
        return form == "text" or (form is None and accepted.startswith("text/plain"))

    def _request(self) -> ViewRequest:
        numbers = {name: self.index(name) for name in ("index", "start", "stop", "max_chars")}
        given = {name: value for name, value in numbers.items() if value is not None}
        return ViewRequest(cell=self.argument("cell"), sources=self.flag("sources"), **given)

    async def _view(self, path: str, found: FoundCells, request: ViewRequest) -> NotebookView:
        viewer = self.services.viewer

        def some(cells: Sequence[tuple[int, Any]]) -> list[Any]:
            chars, sources = request.max_chars, request.sources
            return [viewer.cell(index, cell, chars, with_source=sources) for index, cell in cells]

        pieces = [found.cells[at : at + _CELLS_AT_ONCE] for at in range(0, len(found.cells), _CELLS_AT_ONCE)]
        done = await asyncio.gather(*(self.in_thread(some, piece) for piece in pieces))
        spec, language = (found.metadata.get(name) for name in ("kernelspec", "language_info"))
        root = url_path_join(self.base_url, "api/crdt-outputs/")
        return NotebookView(
            path,
            found.cells_in_all,
            Links.below(root, {"path": path}),
            tuple(cell for cells in done for cell in cells),
            found.room_id,
            _name_in(spec),
            _name_in(language),
        )


def _name_in(described: Any) -> str | None:
    name = described.get("name") if isinstance(described, Mapping) else None
    return plain(name)[:200] if isinstance(name, str) else None
