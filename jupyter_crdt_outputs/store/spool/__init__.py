"""In front of a store that may be far away: writes are durable here and uploaded behind, reads are kept here."""

from .opening import SPOOLS, cache_folder, open_spooled, spool_folder
from .spooled_store import SpooledStore

__all__ = ["SPOOLS", "SpooledStore", "cache_folder", "open_spooled", "spool_folder"]
