"""A value of a MIME bundle as the raw bytes of an artifact, and back, exactly.

The store keeps what the value *is* (a PNG is a PNG file there), while a notebook keeps how it is spelled. The
spelling is the encoding; it is chosen so that decoding gives back the very same value, or not at all.
"""

from __future__ import annotations

import binascii
import json
from typing import Any, Literal, get_args

from ..errors import InvalidReference

Encoding = Literal["base64", "base64-lf", "base64-mime", "utf-8", "json"]
ENCODINGS: frozenset[str] = frozenset(get_args(Encoding))

_STEP = 1 << 20
"""Characters per base64 call: the interpreter lock is held for about a millisecond at a time."""

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
    newlines = text.count("\n")
    if newlines:
        body = text.replace("\n", "") if newlines > 1 or len(text) <= 77 else text[:-1]
        spelling = "base64-lf" if newlines == 1 and text[-1] == "\n" else "base64-mime"
    if len(body) % 4 or "\n" in body:
        return None
    try:
        data = b"".join(
            binascii.a2b_base64(body[start : start + _STEP], strict_mode=True) for start in range(0, len(body), _STEP)
        )
    except binascii.Error:
        return None
    # Strict decoding lets pass only the unused bits of the last group and padding at the end of a step.
    if (
        len(data) != len(body) // 4 * 3 - body[-2:].count("=")
        or _encode_base64(data[-(len(data) % 3 or 3) :]) != body[-4:]
    ):
        return None
    if spelling == "base64-mime" and _encode_base64_mime(data) != text:
        return None
    return data, spelling  # type: ignore[return-value]


def _encode_base64(data: bytes) -> str:
    step = _STEP // 4 * 3
    return "".join(
        binascii.b2a_base64(data[start : start + step], newline=False).decode("ascii")
        for start in range(0, len(data), step)
    )


def _encode_base64_mime(data: bytes) -> str:
    return "".join(
        binascii.b2a_base64(data[start : start + _MIME_LINE_BYTES]).decode("ascii")
        for start in range(0, len(data), _MIME_LINE_BYTES)
    )
