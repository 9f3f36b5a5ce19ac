"""What programs of this machine's user say that they are called."""

from __future__ import annotations

import getpass

from ..errors import InvalidRequest
from ..model.people import claimed_name

_LONGEST = 40


def own_name() -> str | None:
    """What you are called on this machine; None where nobody knows, as in many containers, or it cannot be told."""
    try:
        return claimed_name({"claimed_name": getpass.getuser()[:_LONGEST]})
    except (OSError, KeyError, ImportError, InvalidRequest):  # the first three before Python 3.13, which has but one
        return None
