"""What the store has, or cannot take."""

from __future__ import annotations

from .base import CrdtOutputsError


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


class StoreFull(CrdtOutputsError):
    """The store has no room left. Trying again will not help until somebody makes room; nothing was written."""

    http_status = 507
    exit_code = 6


class NotebookIncomplete(CrdtOutputsError):
    """The document lacks outputs that its file has. To be saved it must have them; try again later."""

    http_status = 503
    exit_code = 1


class RootUnreadable(CrdtOutputsError):
    """A file that may refer to artifacts cannot be read, so nobody can say what is in use. Nothing is collected."""

    http_status = 503
    exit_code = 10


class CollectionRunning(CrdtOutputsError):
    """Another collector is at work on this store. Nothing is wrong; try again later."""

    http_status = 409
    exit_code = 9
