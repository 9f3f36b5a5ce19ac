"""From a URL in a setting to a store, or to a message that says what would be right."""

from __future__ import annotations

import difflib
from pathlib import Path
from urllib.parse import urlsplit

from fsspec import available_protocols
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from ..errors import InvalidSetting
from .blobs import Blobs
from .failures import store_errors
from .local_blobs import LocalBlobs
from .remote_blobs import RemoteBlobs
from .verified_store import VerifiedStore

# The extras of our distribution that install a driver.
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
_EXTRAS |= {"sftp": "sftp", "ssh": "sftp"}

_EXAMPLES = "an absolute path such as /srv/outputs, or a URL such as s3://bucket/outputs"


def is_near(url: str) -> bool:
    """Whether the store at *url* is on this machine or in this process, so that nothing is gained by a copy."""
    return _scheme_of(url) in ("file", "local", "memory")


def open_store(url: str) -> VerifiedStore:
    """The store at *url*. Writes nothing: a local folder is created by the first put.

    Blocking: some drivers connect here.

    Args:
        url: an absolute local path (``~`` is understood), ``file://``, ``memory://name`` (gone with the process), or
            any other URL that fsspec has a driver for.

    Raises:
        InvalidSetting: *url* can never work as it is; the message says what would.
        StoreUnavailable: the place does not answer now.
    """
    return VerifiedStore(open_blobs(url))


def open_blobs(url: str) -> Blobs:
    """What :func:`open_store` puts its store on. For wrappers that work below the hash, and for tests."""
    scheme = _scheme_of(url)
    where = _without_secrets(url, scheme)
    try:
        # An own instance: its cached listings are nobody else's.
        with store_errors("open", where):
            filesystem, path = url_to_fs(url, skip_instance_cache=True)
    except Exception as error:
        raise (_setting_error(scheme, error.__cause__) or error) from error
    if isinstance(filesystem, LocalFileSystem):
        _check_folder(Path(path))
        return LocalBlobs(Path(path))
    path = path.rstrip("/")
    if not path:
        raise InvalidSetting(f"the artifact store {where} names no bucket or folder: write {scheme}://name/folder")
    return RemoteBlobs(filesystem, path, where)


def _scheme_of(url: str) -> str:
    if not url.strip():
        raise InvalidSetting(f"the artifact store must not be empty: give {_EXAMPLES}")
    if "\0" in url:
        raise InvalidSetting(f"the artifact store must not hold a NUL character: give {_EXAMPLES}")
    if "::" in url:
        raise InvalidSetting(
            f"the artifact store must be one URL without '::', since a cache in between would hide what is really "
            f"stored: give {_EXAMPLES}"
        )
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "file", url
    if scheme in ("file", "local") and not Path(rest).expanduser().is_absolute():
        raise InvalidSetting(
            f"the artifact store {url!r} depends on the folder that the server is started in: give {_EXAMPLES}"
        )
    return scheme


def _without_secrets(url: str, scheme: str) -> str:
    """*url* without user, password and query."""
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{scheme}://…"
    return f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _setting_error(scheme: str, cause: BaseException | None) -> InvalidSetting | None:
    """What is wrong with the setting, when that is what *cause* means."""
    if scheme not in available_protocols():
        near = difflib.get_close_matches(scheme, available_protocols(), 1)
        hint = f"did you mean {near[0]}://? Else give" if near else "give"
        return InvalidSetting(f"the artifact store's scheme {scheme}:// is not known: {hint} {_EXAMPLES}")
    if isinstance(cause, ImportError):
        extra = _EXTRAS.get(scheme)
        remedy = f"pip install 'jupyter-crdt-outputs[{extra}]'" if extra else str(cause)
        return InvalidSetting(
            f"the artifact store's scheme {scheme}:// needs a driver that is not installed in this Python "
            f"environment: {remedy}"
        )
    if isinstance(cause, (TypeError, ValueError)):
        return InvalidSetting(f"the artifact store's URL does not fit its scheme {scheme}://: {cause}")
    return None


def _check_folder(path: Path) -> None:
    """Refuse a local *path* that can never be a folder, without creating it."""
    above = path
    while not (above.exists() or above.is_symlink() or above == above.parent):
        above = above.parent
    if not above.is_dir():
        raise InvalidSetting(
            f"the artifact store {path} cannot be a folder, since {above} is not one: give {_EXAMPLES}"
        )
