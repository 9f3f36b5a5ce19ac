"""What stands when a notebook is opened whose document has a history: after a crash, that may be ahead of the file."""

from .interrupted import INTERRUPTED
from .recovery import Recovery

__all__ = ["INTERRUPTED", "Recovery"]
