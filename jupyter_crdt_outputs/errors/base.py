"""What all errors of this package have in common."""

from __future__ import annotations

from typing import ClassVar


class CrdtOutputsError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        message: for whoever has access to the machine: logs and commands show it.
        public: for whoever uses a notebook, where *message* names what only the former need, such as a folder.

    Attributes:
        public: what pages and HTTP clients are told.
        http_status: the status a web handler answers with.
        exit_code: the code a command leaves the shell with.
    """

    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, public: str = "") -> None:
        super().__init__(message)
        self.public = public or message


def public_text(error: BaseException) -> str:
    """What pages and HTTP clients are told of any error."""
    return error.public if isinstance(error, CrdtOutputsError) else str(error)
