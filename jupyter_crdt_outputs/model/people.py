"""Who runs cells: what the server knows of them, and what they say of themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidRequest

_MADE_UP = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LONGEST = 60


def is_made_up(user: str) -> bool:
    """Whether a user has no name but the one that jupyter_server makes up for whoever shows the server's token.

    Its ``IdentityProvider.generate_anonymous_user`` takes a UUID.
    """
    return _MADE_UP.fullmatch(user) is not None


def claimed_name(given: Mapping[str, Any]) -> str | None:
    """What somebody says that they are called: one line that can be shown anywhere. Raises InvalidRequest."""
    name = given.get("claimed_name")
    if name is None:
        return None
    if not isinstance(name, str) or len(name) > _LONGEST or not name.isprintable() or not name.strip():
        raise InvalidRequest(f"claimed_name is a name of up to {_LONGEST} characters that can be printed")
    return name.strip()


def name_of(user: str, claimed: str | None) -> str:
    """What to call whoever ran a cell; what they say of themselves is never taken for what the server knows."""
    if not is_made_up(user):
        return user
    return "somebody" if claimed is None else f"somebody who goes by {claimed!r}"
