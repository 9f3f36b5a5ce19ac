"""Which parts of an output leave the document, and which leave the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .reference import LogReference, LongStreamReference, Reference

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_FORMAT_VERSION = 5
"""Raise this when the same policy comes to give different references: documents then get a new history."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers that decide. The same policy and output always give the same decision.

    Attributes:
        document_max_bytes: the largest part, in bytes of JSON text, that stays in the document.
        file_stream_max_bytes: the longest stream, in bytes, that is saved in a file. Everything else always is.
    """

    document_max_bytes: int = 4096
    file_stream_max_bytes: int = 1 << 26

    @property
    def fingerprint(self) -> str:
        """Changes whenever the document made from a given file would change."""
        return f"{_FORMAT_VERSION}.{self.document_max_bytes}"

    def leaves_document(self, mime: str, value: Any) -> bool:
        """Whether this part of a MIME bundle is to be an artifact.

        Vega parts always leave: every viewer's renderer would write a PNG back into the document. So do JSON objects
        of several keys, whose order a viewer sees and a shared document does not keep. Widget views never leave: the
        widget manager reads them from the document, and they are but a model's name.
        """
        if mime == WIDGET_VIEW:
            return False
        return mime.startswith("application/vnd.vega") or self.is_bulk(value) or _has_order(value)

    def leaves_file(self, reference: Reference, file_max_bytes: int | None) -> bool:
        """Whether a file has this reference, and not the output that it stands for.

        So it is of a stream that is still being written, or too long for any file, and of an output of which one part
        is larger than *file_max_bytes*; None is no limit. An output is in a file as a whole or not at all.
        """
        if isinstance(reference, LogReference):
            return True
        if isinstance(reference, LongStreamReference) and reference.size > self.file_stream_max_bytes:
            return True
        return file_max_bytes is not None and reference.largest_bytes > file_max_bytes

    def is_bulk(self, value: Any) -> bool:
        """Whether the value is larger than the document may hold."""
        return approximate_size(value, self.document_max_bytes) > self.document_max_bytes


def _has_order(value: Any) -> bool:
    """Whether an object of several keys is in a value (which is not bulk, and so not deep)."""
    if isinstance(value, dict):
        return len(value) > 1 or any(map(_has_order, value.values()))
    return isinstance(value, list) and any(map(_has_order, value))


def approximate_size(value: Any, enough: int) -> int:
    """Bytes of the value as JSON text, cheaply: exact up to *enough*, and anything above that once it is passed."""
    if isinstance(value, str):
        return len(value) if len(value) > enough else len(value.encode("utf-8", "surrogatepass"))
    if value is None or isinstance(value, bool | int | float):
        return 8
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return sum(len(item) for item in value)
    size = 0
    for chunk in json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).iterencode(value):
        size += len(chunk)
        if size > enough:
            break
    return size
