"""Outputs of notebooks, open or not, for programs and agents: ``api/crdt-outputs/outputs`` and what is below it."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import url_path_join

from ...store import ArtifactStore
from ...viewing.notebooks import Notebooks
from ...viewing.outputs import Viewer
from ...viewing.texts import Texts
from ..serving import ServingHandler
from .files import ImageHandler, PartHandler
from .named_output import Services
from .text import OutputLinesHandler, OutputSearchHandler
from .view import OutputsHandler


def handlers(
    store: ArtifactStore, notebooks: Notebooks, texts: Texts, base_url: str
) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them.

    Args:
        store: where artifacts are.
        notebooks: finds cells.
        texts: finds the text of outputs.
        base_url: what the routes are below.
    """
    services = {"services": Services(store, notebooks, texts, Viewer(texts))}
    root = url_path_join(base_url, "api/crdt-outputs/outputs")
    answers: dict[str, type[ServingHandler]] = {
        "": OutputsHandler,
        "/part": PartHandler,
        "/image": ImageHandler,
        "/lines": OutputLinesHandler,
        "/search": OutputSearchHandler,
    }
    return [(root + ending, handler, services) for ending, handler in answers.items()]
