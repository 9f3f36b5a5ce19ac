"""What this package stands on is not there."""

from __future__ import annotations

from .base import CrdtOutputsError


class ServerAway(CrdtOutputsError):
    """No Jupyter server answers where one was expected, or it has no such extension. What it ran may go on."""

    http_status = 502
    exit_code = 16


class UpstreamMoved(CrdtOutputsError):
    """A library that this package stands on no longer looks as it must. The extension stays off."""

    exit_code = 7
