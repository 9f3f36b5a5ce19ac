"""Turning what a file system raises into the decision that a caller can take."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ArtifactCorrupt, ArtifactMissing, CrdtOutputsError, StoreFull, StoreUnavailable
from ..model.digest import Digest

# EDQUOT does not exist on every platform.
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

_LATER = "Try again later; if it lasts, check that the place exists and answers."

_ADVICE = {
    errno.EACCES: "Give the user that runs this program the right to read and write there.",
    errno.EPERM: "Give the user that runs this program the right to read and write there.",
    errno.EROFS: "That file system is mounted read-only: mount it for writing, or choose another store.",
    errno.ELOOP: "Symbolic links inside a store are not followed: put the real folder in its place.",
    errno.ENOTDIR: "A file lies where a folder must be: move it away, or choose another store.",
    errno.EISDIR: "A folder lies where an artifact must be: move it away.",
    errno.EMFILE: "Too many files are open: raise the limit, or try again later.",
}

# What services say, in codes and phrases of their own, that somebody can do something about. The first that fits wins.
_NO_BUCKET = re.compile(
    r"NoSuchBucket|ContainerNotFound|(bucket|container) (does not exist|doesn't exist|is missing)", re.I
)
_SAID = [
    (_NO_BUCKET, "There is no bucket or container of that name: create it, or correct the URL."),
    (
        re.compile(r"RequestTimeTooSkewed|difference between the request time", re.I),
        "The clock of this machine is wrong: set it.",
    ),
    (
        re.compile(r"Unable to locate credentials|NoCredentials|credentials? (is |are )?(missing|not found)", re.I),
        "No credentials were found: give them to the server's environment, as the driver reads them.",
    ),
    (
        re.compile(
            r"InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed|AuthorizationFailure|ExpiredToken|InvalidToken"
            r"|access key id you provided|signature we calculated|\b401\b|Unauthorized|Authentication failed"
            r"|failed to authenticate|InvalidAuthenticationInfo|authentication method",
            re.I,
        ),
        "The credentials are wrong or have expired: correct them in the server's environment.",
    ),
    (
        re.compile(r"AccessDenied|Access Denied|\b403\b|Forbidden|AuthorizationPermission|PermissionError", re.I),
        "The credentials are known there and not allowed to do this: allow them to list, read, write and delete.",
    ),
    (
        re.compile(r"not found in known_hosts|host key for server", re.I),
        "Check the host's key, and add it to known_hosts with ssh-keyscan.",
    ),
]
_RANGE = re.compile(r"\b416\b|range", re.I)
_FULL = re.compile(r"QuotaExceeded|Insufficient Storage|\b507\b|no space left|disk quota|StorageFull", re.I)

_SECRETS = [
    (re.compile(r"(\w://)[^/\s@]*@"), r"\1"),
    (re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>)]*"), r"\1?…"),
    (re.compile(r"((?:sig|signature|token|secret|password|accountkey|credential|key)=)[^&;\s\"']+", re.I), r"\1…"),
]
_LONGEST = 300

_ASK = "Whoever runs this server finds more in its log."


def is_missing(error: FileNotFoundError) -> bool:
    """Whether it is the file that is missing, and not the whole bucket."""
    return _NO_BUCKET.search(_said_by(error)) is None


def is_beyond_end(error: Exception) -> bool:
    """Whether a service may have meant that a file has no bytes where some were asked for."""
    return _RANGE.search(_said_by(error)) is not None


def redacted(text: str) -> str:
    """*text* of a driver without what may be secret in it, and cut where it is very long."""
    text = " ".join(_without_secrets(text).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


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
        said = _said_by(error)
        cause = error if _without_secrets(said) == said else None  # a log may show what an error came from
        if code in _NO_ROOM or (code not in _ADVICE and _FULL.search(said)):
            raise StoreFull(
                f"the artifact store at {where} is full ({_reason(error)}); nothing was written. "
                "Make room there, or choose a store that has room.",
                public=f"the artifact store is full; nothing was written. {_ASK}",
            ) from cause
        advice = _ADVICE.get(code or 0) or next((say for pattern, say in _SAID if pattern.search(said)), _LATER)
        raise StoreUnavailable(
            f"cannot {action} the artifact store at {where} ({_reason(error)}). {advice}",
            public=f"cannot {action} the artifact store now. Try again later. {_ASK}",
        ) from cause


def missing(digest: Digest, where: str) -> ArtifactMissing:
    """What to raise for an artifact that the store at *where* does not have."""
    return ArtifactMissing(
        f"the artifact store at {where} holds no artifact {digest}",
        public=f"artifact {digest} is not in the store of this server. Run the cell again, or, if the notebook is from "
        "elsewhere, fetch its outputs with `jupyter crdt-outputs pull`.",
    )


def corrupt(digest: Digest, where: str) -> ArtifactCorrupt:
    """What to raise for an artifact that does not hash to its name."""
    what = "is damaged: its bytes do not hash to its name"
    advice = "Run the cell again, or open a complete copy of the notebook, to write it again."
    return ArtifactCorrupt(
        f"artifact {digest} in the artifact store at {where} {what}. {advice}",
        public=f"artifact {digest} {what}. {advice}",
    )


def _without_secrets(text: str) -> str:
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return redacted(error.strerror)  # without the name of a file, which the place says better
    if type(error) is TimeoutError:
        return redacted(str(error)) or "no answer in time"
    return redacted(f"{type(error).__name__}: {error}")


def _said_by(error: BaseException) -> str:
    """What *error* and those behind it say."""
    said: list[str] = []
    behind: BaseException | None = error
    while behind is not None and len(said) < 5:
        said.append(f"{type(behind).__name__}: {behind}")
        behind = behind.__cause__ or behind.__context__
    return "\n".join(said)
