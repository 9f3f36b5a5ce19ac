"""A value of a MIME bundle as the raw bytes of an artifact, and back, exactly.

The store keeps what the value *is* (a PNG is a PNG file there), while a notebook keeps how it is spelled. The
spelling is the encoding; it is chosen so that decoding gives back the very same value, or not at all.
"""

from __future__ import annotations

import binascii
import json
from typing import Any, Literal, get_args

import pybase64

from ..errors import InvalidReference

Encoding = Literal["base64", "base64-lf", "base64-mime", "utf-8", "json"]
ENCODINGS: frozenset[str] = frozenset(get_args(Encoding))

_MIME_LINE_BYTES = 57
"""Bytes per line of RFC 2045 base64, as ``base64.encodebytes`` and old notebooks write it."""


def encode(mime: str, value: Any) -> tuple[bytes, Encoding]:
    """The raw bytes of *value* and the encoding that :func:`decode` needs to give it back equal and of equal type.

    Args:
        mime: the MIME type; only types that are not text are tried as base64.
        value: any JSON value.

    Raises:
        ValueError: for a value that JSON cannot hold, such as NaN. Leave such a value where it is.
    """
    if isinstance(value, str):
        if is_binary(mime):
            binary = _decode_canonical_base64(value)
            if binary is not None:
                return binary
        try:
            return value.encode("utf-8"), "utf-8"
        except UnicodeEncodeError:  # a lone surrogate, which JSON can escape and UTF-8 cannot hold
            return json.dumps(value).encode("ascii"), "json"
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8"), "json"
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii"), "json"


def decode(data: bytes, encoding: Encoding) -> Any:
    """What :func:`encode` was given.

    Raises:
        InvalidReference: when *data* cannot be of that encoding, so the reference is not to be trusted.
    """
    match encoding:
        case "base64":
            return _encode_base64(data)
        case "base64-lf":
            return _encode_base64(data) + "\n"
        case "base64-mime":
            return _encode_base64_mime(data)
    try:
        text = data.decode("utf-8")
        return text if encoding == "utf-8" else json.loads(text)
    except ValueError as error:
        raise InvalidReference(f"the artifact is not {encoding}: {error}") from error


def is_binary(mime: str) -> bool:
    """Whether notebooks spell values of this type in base64."""
    major, _, minor = mime.partition("/")
    if minor.endswith(("+json", "+xml")) or minor in {"json", "javascript", "xml"}:
        return False
    return major in {"image", "audio", "video", "font", "application", "model"}


def _decode_canonical_base64(text: str) -> tuple[bytes, Encoding] | None:
    """The bytes, if encoding them again gives the same text in one of the three spellings."""
    if not text.isascii() or not text:
        return None
    body, spelling = text, "base64"
    if "\n" in text:
        is_one_line = text.find("\n") == len(text) - 1
        body = text[:-1] if is_one_line else text.replace("\n", "")
        spelling = "base64-lf" if is_one_line else "base64-mime"
    if len(body) % 4:
        return None
    try:
        data = pybase64.b64decode(body, validate=True)
    except binascii.Error:
        return None
    # Validation lets pass bits that the last group does not use, and padding before the end.
    last = data[-(len(data) % 3 or 3) :]
    if len(data) != len(body) // 4 * 3 - body[-2:].count("=") or _encode_base64(last) != body[-4:]:
        return None
    if spelling == "base64-mime" and _encode_base64_mime(data) != text:
        return None
    return data, spelling  # type: ignore[return-value]


def _encode_base64(data: bytes) -> str:
    return pybase64.b64encode(data).decode("ascii")


def _encode_base64_mime(data: bytes) -> str:
    return "".join(
        binascii.b2a_base64(data[start : start + _MIME_LINE_BYTES]).decode("ascii")
        for start in range(0, len(data), _MIME_LINE_BYTES)
    )
