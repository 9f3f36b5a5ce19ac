"""A request that makes no sense as it was typed."""

from __future__ import annotations

from ..errors import CrdtOutputsError


class Refused(CrdtOutputsError):
    """The command was not begun. The message says what to type instead."""

    http_status = 400
    exit_code = 2
