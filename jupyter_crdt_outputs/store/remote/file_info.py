"""What the drivers of fsspec say about a file, each in words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# What changes with the content, best first: those that depend on nothing else stay when the same bytes are written
# again.
_VERSIONS = ["ETag", "md5Hash", "md5", "etag", "e_tag", "mtime"]
_VERSIONS += ["LastModified", "last_modified", "modified", "updated", "modify", "created"]

_MODIFIED = ["LastModified", "last_modified", "mtime", "modified", "updated", "modify", "created"]


def version_of(info: Mapping[str, Any]) -> str:
    """What differs when the file was written again; empty where the driver offers nothing."""
    return next((str(info[key]) for key in _VERSIONS if info.get(key) is not None), "")


def modified_in(info: Mapping[str, Any]) -> float | None:
    """When the file was last written, in POSIX seconds by the clock of its server; None where that is not told."""
    for key in _MODIFIED:
        moment = info.get(key)
        if isinstance(moment, (int, float)):
            return float(moment)
        if isinstance(moment, str) and moment:
            moment = _parsed(moment)
        if isinstance(moment, datetime):
            return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return None


def _parsed(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text)
        except ValueError:
            continue
    return None
