"""The reference: what stands in the document in the place of bulk."""

from .kinds import BundleReference, ErrorReference, LogReference, LongStreamReference, Reference, StreamReference
from .parsing import REFERENCE_MIME_TYPE, is_log_id, parse, reference_in
from .part import Part

__all__ = [
    "REFERENCE_MIME_TYPE",
    "BundleReference",
    "ErrorReference",
    "LogReference",
    "LongStreamReference",
    "Part",
    "Reference",
    "StreamReference",
    "is_log_id",
    "parse",
    "reference_in",
]
