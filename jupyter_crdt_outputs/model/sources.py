"""The sources of cells, as those name them who have seen them: by a digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidDigest, InvalidRequest
from .digest import Digest


def source_digest(source: str) -> Digest:
    """The digest of a cell's source."""
    return Digest.of(source.encode("utf-8", "surrogatepass"))


def seen_source(given: Mapping[str, Any]) -> Digest | None:
    """The digest of the source that a caller saw, given as ``source`` or ``sha256``. Raises InvalidRequest."""
    if "sha256" in given and "source" in given:
        raise InvalidRequest("give the source, or its sha256")
    if "source" in given:
        if not isinstance(given["source"], str):
            raise InvalidRequest("the source is a string")
        return source_digest(given["source"])
    try:
        return Digest.parse(given["sha256"]) if "sha256" in given else None
    except InvalidDigest as error:
        raise InvalidRequest(str(error)) from error
