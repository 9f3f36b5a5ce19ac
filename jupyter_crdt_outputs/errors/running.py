"""What cells and kernels are in no state for."""

from __future__ import annotations

from .base import CrdtOutputsError


class SourceChanged(CrdtOutputsError):
    """A cell holds another source than the caller saw. Nothing was run or changed; look again, and decide again."""

    http_status = 409
    exit_code = 11


class CellProtected(CrdtOutputsError):
    """The metadata of a cell says that it is not to be edited, or not to be deleted, and JupyterLab does as it says."""

    http_status = 409
    exit_code = 18


class NotNow(CrdtOutputsError):
    """The execution is not in a state in which that can be done: it has ended, say, or asks for no input."""

    http_status = 409
    exit_code = 12


class OutputsGone(CrdtOutputsError):
    """Of this run, or of something that it put out, nothing is kept any longer. Asking again will not help."""

    http_status = 410
    exit_code = 19


class KernelUnavailable(CrdtOutputsError):
    """The kernel did not start, or gives no sign of life. Restarting it may help."""

    http_status = 503
    exit_code = 13


class QueueFull(CrdtOutputsError):
    """More cells wait for this kernel than are kept. Try again when some of them have run."""

    http_status = 429
    exit_code = 14
