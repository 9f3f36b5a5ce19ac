"""Running notebooks on a Jupyter server from Python, and reading what they put out: ``Client`` and ``AsyncClient``."""

from ..model.cells import CellSource, CellSources
from ..model.execution_state import Execution
from ..model.executions import Selector
from ..model.views import CellView, NotebookView, OutputView, PartView
from .async_client import AsyncClient
from .contents import NotebookFile, NotebookList, Session
from .events import Asked, Changed, Cleared, Ended, Event, Shown, Text
from .searching import Hits, TextLines
from .servers import RunningServer, running_servers, server_of
from .sync_client import Client
from .viewing import Picture

__all__ = [
    "Asked",
    "AsyncClient",
    "CellSource",
    "CellSources",
    "CellView",
    "Changed",
    "Cleared",
    "Client",
    "Ended",
    "Event",
    "Execution",
    "Hits",
    "NotebookFile",
    "NotebookList",
    "NotebookView",
    "OutputView",
    "PartView",
    "Picture",
    "RunningServer",
    "Selector",
    "Session",
    "Shown",
    "Text",
    "TextLines",
    "running_servers",
    "server_of",
]
