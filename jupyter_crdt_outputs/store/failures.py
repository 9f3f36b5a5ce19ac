"""Turning what a file system raises into the decision that a caller can take."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CrdtOutputsError, StoreFull, StoreUnavailable

# EDQUOT does not exist on every platform.
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

_ADVICE = {
    errno.EACCES: "Give the user that runs this program the right to read and write there.",
    errno.EPERM: "Give the user that runs this program the right to read and write there.",
    errno.EROFS: "That file system is mounted read-only: mount it for writing, or choose another store.",
    errno.ELOOP: "Symbolic links inside a store are not followed: put the real folder in its place.",
    errno.ENOTDIR: "A file lies where a folder must be: move it away, or choose another store.",
    errno.EISDIR: "A folder lies where an artifact must be: move it away.",
    errno.EMFILE: "Too many files are open: raise the limit, or try again later.",
}


@contextmanager
def store_errors(action: str, where: str) -> Iterator[None]:
    """Raise :class:`StoreFull` or :class:`StoreUnavailable` for anything that fails inside.

    Not only ``OSError``: the drivers of remote file systems raise whatever their own libraries raise.

    Args:
        action: what was tried, as in "cannot <action> the artifact store".
        where: the place, without secrets.
    """
    try:
        yield
    except CrdtOutputsError:
        raise
    except Exception as error:
        code = error.errno if isinstance(error, OSError) else None
        if code in _NO_ROOM:
            raise StoreFull(
                f"the artifact store at {where} is full ({os.strerror(code or errno.ENOSPC)}); nothing was written. "
                "Make room there, or choose a store that has room."
            ) from error
        reason = os.strerror(code) if code else f"{type(error).__name__}: {error}"
        advice = _ADVICE.get(code or 0, "Try again later; if it lasts, check that the place exists and answers.")
        raise StoreUnavailable(f"cannot {action} the artifact store at {where} ({reason}). {advice}") from error
