"""The drivers that we know well enough to set them up: timeouts, retries, connections, caches, options in a URL.

A driver retries little or nothing, since whoever calls a store does, and counts. It connects when it is first used,
and keeps no listings. Drivers, and fsspec itself, are imported only when asked for: a local store needs none.
"""

from .driver import Driver, Source
from .known import ALTERNATIVES, AZURE, DRIVERS, GCS, S3, any_driver

__all__ = ["ALTERNATIVES", "AZURE", "DRIVERS", "GCS", "S3", "Driver", "Source", "any_driver"]
