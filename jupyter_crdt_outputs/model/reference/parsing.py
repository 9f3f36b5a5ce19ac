"""Finding references among what documents and files hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import InvalidReference
from .fields import integer, mapping, text
from .kinds import BundleReference, ErrorReference, LogReference, LongStreamReference, Reference, StreamReference
from .part import Part

REFERENCE_MIME_TYPE = "application/vnd.jupyter-crdt-outputs.ref.v1+json"
"""A vendor type ending in ``+json`` that holds an object is valid nbformat in every display output."""

_LOG_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def parse(value: object) -> Reference:
    """Take a reference from outside: any JSON at all may be given.

    Unknown extra keys are let pass, so that a later version may add some.

    Raises:
        InvalidReference: keep such a value verbatim, and show the text beside it.
    """
    given = mapping(value, "a reference")
    match given.get("kind"):
        case "bundle":
            parts = mapping(given.get("parts"), "parts")
            if not parts:
                raise InvalidReference("a bundle without parts")
            return BundleReference(
                {mime: Part.parse(part) for mime, part in parts.items()},
                dict(mapping(given.get("metadata", {}), "metadata")),
                given.get("preview") is True,
            )
        case "stream":
            return _parse_stream(given)
        case "error":
            ename, evalue = (text(given.get(name), name) for name in ("ename", "evalue"))
            return ErrorReference(ename, evalue, Part.parse(given.get("part")))
        case other:
            raise InvalidReference(f"unknown kind {other!r:.40}")


def _parse_stream(given: Mapping[str, Any]) -> StreamReference | LongStreamReference | LogReference:
    name = text(given.get("name"), "name")
    if "log" in given:
        log = text(given["log"], "log")
        if not is_log_id(log):
            raise InvalidReference("not the id of a log")
        return LogReference(name, log)
    if "index" in given:
        size, lines = (integer(given.get(key), key) for key in ("size", "lines"))
        return LongStreamReference(name, Part.parse(given["index"]), size, lines)
    segments = given.get("segments")
    if not isinstance(segments, list):
        raise InvalidReference("segments are not a list")
    return StreamReference(name, tuple(Part.parse(part) for part in segments))


def reference_in(output: Mapping[str, Any]) -> Reference | None:
    """The reference that an nbformat output holds, or None: for plain outputs and for what we cannot read."""
    data = output.get("data")
    if not isinstance(data, Mapping) or REFERENCE_MIME_TYPE not in data:
        return None
    try:
        return parse(data[REFERENCE_MIME_TYPE])
    except InvalidReference:
        return None


def is_log_id(text: str) -> bool:
    """Whether this can be the id of a log."""
    return _LOG_ID.fullmatch(text) is not None
