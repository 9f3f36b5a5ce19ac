"""In front of a store that may be far away: writes are durable here and uploaded behind, reads are kept here."""

from .opening import open_spooled
from .spooled_store import SpooledStore

__all__ = ["SpooledStore", "open_spooled"]
