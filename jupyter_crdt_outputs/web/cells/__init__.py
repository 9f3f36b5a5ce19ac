"""Cells of notebooks over HTTP, read and edited where everybody edits them: ``api/crdt-outputs/cells``.

The shapes are those of :mod:`...model.cells` and :mod:`...model.cell_edits`. A notebook need not be open anywhere to be
edited: it is opened as by a browser, and saved and closed as when that leaves.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import url_path_join

from ..handler import CrdtOutputsHandler
from .handlers import CellHandler, CellsHandler, MoveHandler
from .opened_notebook import Services

__all__ = ["Services", "handlers"]


def handlers(services: Services, base_url: str) -> list[tuple[str, type[CrdtOutputsHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them."""
    root = url_path_join(base_url, "api/crdt-outputs/cells")
    given = {"services": services}
    return [
        (root, CellsHandler, given),
        (root + r"/([^/]+)", CellHandler, given),
        (root + r"/([^/]+)/move", MoveHandler, given),
    ]
