"""All parts of the extension, made and put together for one server."""

from .parts import Parts

__all__ = ["Parts"]
