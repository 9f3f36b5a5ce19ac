"""The decisions a caller can take when something goes wrong, one class for each.

A handler answers with ``error.http_status``, the command line leaves with ``error.exit_code``, and neither
needs to know which error it has. The message is written for the person who reads it: what happened, to what,
and what to do.
"""

from .asking import (
    ImageTooLarge,
    InvalidDigest,
    InvalidPattern,
    InvalidReference,
    InvalidRequest,
    InvalidSetting,
    NotAllowed,
    NotANotebook,
    NotFound,
)
from .base import CrdtOutputsError, public_text
from .running import CellProtected, KernelUnavailable, NotNow, OutputsGone, QueueFull, SourceChanged
from .storage import (
    ArtifactCorrupt,
    ArtifactMissing,
    ArtifactRemoved,
    CollectionRunning,
    LogMissing,
    NotebookIncomplete,
    RootUnreadable,
    StoreFull,
    StoreUnavailable,
)
from .surroundings import ServerAway, UpstreamMoved

__all__ = [
    "ArtifactCorrupt",
    "ArtifactMissing",
    "ArtifactRemoved",
    "CellProtected",
    "CollectionRunning",
    "CrdtOutputsError",
    "ImageTooLarge",
    "InvalidDigest",
    "InvalidPattern",
    "InvalidReference",
    "InvalidRequest",
    "InvalidSetting",
    "KernelUnavailable",
    "LogMissing",
    "NotANotebook",
    "NotAllowed",
    "NotFound",
    "NotNow",
    "NotebookIncomplete",
    "OutputsGone",
    "QueueFull",
    "RootUnreadable",
    "ServerAway",
    "SourceChanged",
    "StoreFull",
    "StoreUnavailable",
    "UpstreamMoved",
    "public_text",
]
