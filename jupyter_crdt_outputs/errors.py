"""The decisions a caller can take when something goes wrong, one class for each.

A handler answers with ``error.http_status``, the command line leaves with ``error.exit_code``, and neither
needs to know which error it has. The message is written for the person who reads it: what happened, to what,
and what to do.
"""

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


class ArtifactMissing(CrdtOutputsError, LookupError):
    """The store holds no artifact of this digest. Another store may."""

    http_status = 404
    exit_code = 3


class ArtifactRemoved(ArtifactMissing):
    """Somebody who may had this artifact removed for good. It is refused ever after; the message says since when."""

    http_status = 410
    exit_code = 8


class LogMissing(CrdtOutputsError, LookupError):
    """This server has no log of this id: it was written by another one, or is long finished."""

    http_status = 404
    exit_code = 3


class ArtifactCorrupt(CrdtOutputsError):
    """What the store holds under this digest does not hash to it. It is never shown; writing it again heals it."""

    http_status = 502
    exit_code = 4


class StoreUnavailable(CrdtOutputsError):
    """The store did not answer, or refused. Try again later; nothing was written."""

    http_status = 503
    exit_code = 5


class NotebookIncomplete(CrdtOutputsError):
    """The document lacks outputs that its file has. To be saved it must have them; try again later."""

    http_status = 503
    exit_code = 1


class StoreFull(CrdtOutputsError):
    """The store has no room left. Trying again will not help until somebody makes room; nothing was written."""

    http_status = 507
    exit_code = 6


class RootUnreadable(CrdtOutputsError):
    """A file that may refer to artifacts cannot be read, so nobody can say what is in use. Nothing is collected."""

    http_status = 503
    exit_code = 10


class CollectionRunning(CrdtOutputsError):
    """Another collector is at work on this store. Nothing is wrong; try again later."""

    http_status = 409
    exit_code = 9


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


class SourceChanged(CrdtOutputsError):
    """A cell holds another source than the caller saw. Nothing was run or changed; look again, and decide again."""

    http_status = 409
    exit_code = 11


class NotNow(CrdtOutputsError):
    """The execution is not in a state in which that can be done: it has ended, say, or asks for no input."""

    http_status = 409
    exit_code = 12


class OutputsGone(CrdtOutputsError):
    """Of this run, or of something that it put out, nothing is kept any longer. Asking again will not help."""

    http_status = 410
    exit_code = 18


class KernelUnavailable(CrdtOutputsError):
    """The kernel did not start, or gives no sign of life. Restarting it may help."""

    http_status = 503
    exit_code = 13


class QueueFull(CrdtOutputsError):
    """More cells wait for this kernel than are kept. Try again when some of them have run."""

    http_status = 429
    exit_code = 14


class NotAllowed(CrdtOutputsError):
    """Whoever asks is not known to the server, or may not do this. The message says what."""

    http_status = 403
    exit_code = 15


class ServerAway(CrdtOutputsError):
    """No Jupyter server answers where one was expected, or it has no such extension. What it ran may go on."""

    http_status = 502
    exit_code = 16


class ImageTooLarge(CrdtOutputsError):
    """A picture is larger than was asked for and cannot be made smaller. Ask for more, or for the original."""

    http_status = 422
    exit_code = 17


class CellProtected(CrdtOutputsError):
    """The metadata of a cell says that it is not to be edited, or not to be deleted, and JupyterLab does as it says."""

    http_status = 409
    exit_code = 18


class UpstreamMoved(CrdtOutputsError):
    """A library that this package stands on no longer looks as it must. The extension stays off."""

    exit_code = 7
