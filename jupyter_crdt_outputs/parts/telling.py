"""What users and administrators are told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..web.notices import Notices


class Telling:
    """Puts into words what happens to notebooks.

    Args:
        notices: to users.
        later: has a function called on the event loop, from any thread.
        log: for administrators.
    """

    def __init__(self, notices: Notices, later: Callable[..., Any], log: logging.Logger) -> None:
        self.notices = notices
        self._later = later
        self._log = log

    def outputs_missing(self, path: str, problems: list[str]) -> None:
        """A notebook was opened or saved that refers to what nobody has."""
        for problem in problems:
            self._log.error("%s keeps a reference that cannot be resolved: %s", path, problem)
        self.notices.emit("outputs-missing", "\n".join(problems[:5]), path)

    def saved(self, path: str, error: Exception | None) -> None:
        """A notebook could not be saved, or is saved again."""
        if error is None:
            self.notices.emit("saved", f"{path} is saved again.", path)
        else:
            why = getattr(error, "log_message", None) or str(error)
            self.notices.emit("not-saved", f"{path} is not saved; it is tried again. {why}", path)

    def nearly_full(self, sentence: str) -> None:
        """The store is. Called in any thread."""
        self._later(self.notices.emit, "store-nearly-full", sentence)
        self._log.warning("%s", sentence)
