"""Long streams over HTTP, finished ones by the digest of their index and those being written by the id of their log.

``GET|HEAD api/crdt-outputs/streams/<id>`` is the text, ``…/lines`` some lines of it, and ``…/search`` what is found.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jupyter_server.utils import url_path_join

from ...store import ArtifactStore
from ...streams.logs import Logs
from ..serving import ServingHandler
from .lines import LinesHandler
from .search import SearchHandler
from .text import TextHandler

_THREADS = 8


def handlers(store: ArtifactStore, logs: Logs, base_url: str) -> list[tuple[str, type[ServingHandler], dict[str, Any]]]:
    """The routes below *base_url*, as ``add_handlers`` of tornado takes them."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stream-reads")
    route = url_path_join(base_url, r"api/crdt-outputs/streams/([^/]+)")
    shared = {"store": store, "logs": logs, "threads": threads}
    answers = {"": TextHandler, "/lines": LinesHandler, "/search": SearchHandler}
    return [(route + ending, handler, shared) for ending, handler in answers.items()]
