"""What somebody typed, where the locale has no words for it: Python then keeps bytes, as half characters."""

from __future__ import annotations


def typed(text: str) -> str:
    """The text of an argument or a line of input. Bytes that the locale cannot decode are nearly always UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
