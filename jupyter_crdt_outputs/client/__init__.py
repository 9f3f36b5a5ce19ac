"""Running notebooks on a Jupyter server from Python, and reading what they put out: ``Client`` and ``AsyncClient``."""

from ..model.cells import CellSource, CellSources
from ..model.execution_state import Execution
from ..model.executions import Selector
from ..model.views import CellView, NotebookView, OutputView, PartView
from .clients import AsyncClient, Client
from .contents import NotebookFile, NotebookList, Session
from .events import Asked, Changed, Cleared, Ended, Event, Shown, Text
from .servers import RunningServer, running_servers, server_of
from .viewing import Hits, Picture, TextLines

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
