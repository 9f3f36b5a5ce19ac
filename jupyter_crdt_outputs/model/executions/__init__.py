"""What is asked for when cells are to be run, and what is told of each execution: the shapes of the HTTP interface.

For all who speak them: handlers, clients, the command line, and the history in the store.
"""

from ..sources import source_digest
from .record import UNFINISHED, ExecutionRecord, Status, is_execution_id
from .run_request import Appendix, OnTimeout, RunRequest
from .selector import Selector

__all__ = [
    "UNFINISHED",
    "Appendix",
    "ExecutionRecord",
    "OnTimeout",
    "RunRequest",
    "Selector",
    "Status",
    "is_execution_id",
    "source_digest",
]
