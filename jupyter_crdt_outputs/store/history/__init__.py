"""The records of executions, for as long as they are wanted: on this server first, and then in the store."""

from .history import History
from .newest import Batch, Newest
from .query import Query

HISTORY = "crdt-outputs-history"
"""Folder of what is not in the store yet, in Jupyter's data directory."""

__all__ = ["HISTORY", "Batch", "History", "Newest", "Query"]
