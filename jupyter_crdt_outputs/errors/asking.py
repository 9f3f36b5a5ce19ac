"""What was asked for cannot be, whatever the state of things, or not by this user."""

from __future__ import annotations

from .base import CrdtOutputsError


class InvalidDigest(CrdtOutputsError, ValueError):
    """What was given is not a SHA-256 in 64 lower-case hexadecimal digits. Asking again will not help."""

    http_status = 400
    exit_code = 2


class InvalidReference(CrdtOutputsError, ValueError):
    """What was given is not a reference that this version understands. Keep it as it is and show its text."""

    http_status = 400
    exit_code = 2


class InvalidPattern(CrdtOutputsError, ValueError):
    """What was given cannot be searched for. The message says why."""

    http_status = 400
    exit_code = 2


class InvalidSetting(CrdtOutputsError, ValueError):
    """A configured value cannot work. The message says what would be right."""

    exit_code = 2


class InvalidRequest(CrdtOutputsError, ValueError):
    """What was asked for makes no sense, whatever the state of things. The message says what would."""

    http_status = 400
    exit_code = 2


class NotANotebook(CrdtOutputsError):
    """There is a file, but its content is no notebook. Nothing was run."""

    http_status = 400
    exit_code = 2


class NotFound(CrdtOutputsError):
    """There is no such notebook, cell, kernel or execution."""

    http_status = 404
    exit_code = 3


class NotAllowed(CrdtOutputsError):
    """Whoever asks is not known to the server, or may not do this. The message says what."""

    http_status = 403
    exit_code = 15


class ImageTooLarge(CrdtOutputsError):
    """A picture is larger than was asked for and cannot be made smaller. Ask for more, or for the original."""

    http_status = 422
    exit_code = 17
