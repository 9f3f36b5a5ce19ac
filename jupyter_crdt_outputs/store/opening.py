"""From a URL in a setting to a store, or to a message that says what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fsspec import available_protocols
from fsspec.implementations.local import LocalFileSystem

from ..errors import InvalidSetting
from .blobs import Blobs
from .deadlines import Deadline
from .drivers import ALTERNATIVES, DRIVERS, Driver, any_driver
from .failures import redacted, store_errors
from .local_blobs import LocalBlobs
from .remote_blobs import RemoteBlobs
from .verified_store import VerifiedStore

_EXAMPLES = "an absolute path such as /srv/outputs, or a URL such as s3://bucket/outputs"
_SECRETS = ("key", "secret", "token", "password", "credential", "sas", "connection_string")


def is_near(url: str) -> bool:
    """Whether the store at *url* is on this machine or in this process, so that nothing is gained by a copy."""
    return _scheme_of(url) in ("file", "local", "memory")


def open_store(url: str) -> VerifiedStore:
    """The store at *url*. Writes nothing, and asks nobody: a local folder is created by the first put.

    Args:
        url: an absolute local path (``~`` is understood), ``file://``, ``memory://name`` (gone with the process), or
            any other URL that fsspec has a driver for. Where :mod:`.drivers` knows the driver, its options may follow
            a question mark. Credentials are none of them: they belong into the environment, where the driver looks.

    Raises:
        InvalidSetting: *url* can never work as it is; the message says what would.
    """
    return VerifiedStore(open_blobs(url))


def open_blobs(url: str, deadline: Deadline | None = None) -> Blobs:
    """What :func:`open_store` puts its store on. For wrappers that work below the hash, and for tests.

    Args:
        url: as for :func:`open_store`.
        deadline: of each call to a remote store.
    """
    scheme = _scheme_of(url)
    where = _without_secrets(url, scheme)
    if scheme in ("file", "local"):
        path = Path(LocalFileSystem._strip_protocol(url))
        _check_folder(path)
        return LocalBlobs(path)
    driver, address, options = _driver_of(url, scheme)
    try:
        with store_errors("open", where):
            source = driver.build(address, options)
    except Exception as error:
        raise (_setting_error(scheme, driver.extra, error.__cause__) or error) from error
    root = driver.root(address).rstrip("/")
    if not root:
        raise InvalidSetting(f"the artifact store {where} names no bucket or folder: write {scheme}://name/folder")
    return RemoteBlobs(source, root, where, atomic=driver.atomic, deadline=deadline)


def _driver_of(url: str, scheme: str) -> tuple[Driver, str, dict[str, Any]]:
    """Who is to be asked for *url*, what is left of it without its options, and those."""
    driver = DRIVERS.get(scheme)
    if driver is None:
        try:
            return any_driver(scheme), url, {}
        except (ImportError, ValueError) as error:
            raise (_setting_error(scheme, "", error) or error) from error
    if scheme in ("http", "https"):
        return driver, url, {}  # a query is part of the address
    address, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    chosen = options.pop("driver", None)
    if chosen is not None:
        if scheme not in ALTERNATIVES.get(chosen, {}):
            known = [name for name, schemes in ALTERNATIVES.items() if scheme in schemes]
            instead = f"leave the option out, or write driver={known[0]}" if known else "leave the option out"
            raise InvalidSetting(f"the artifact store's driver={chosen} is not known for {scheme}://: {instead}")
        driver = ALTERNATIVES[chosen][scheme]
    return driver, address, _checked(options, driver, scheme)


def _checked(options: Mapping[str, str], driver: Driver, scheme: str) -> dict[str, Any]:
    checked = {}
    for name, value in options.items():
        if name not in driver.options:
            if any(word in name.lower() for word in _SECRETS):
                raise InvalidSetting(
                    f"the artifact store's URL must not hold credentials ({name}): give them to the server's "
                    "environment, as the driver reads them"
                )
            known = ", ".join(sorted(driver.options)) or "none"
            near = difflib.get_close_matches(name, driver.options, 1)
            hint = f"did you mean {near[0]}? Known are" if near else "known are"
            raise InvalidSetting(f"the artifact store's option {name} is not known for {scheme}://: {hint} {known}")
        try:
            checked[name] = driver.options[name](value)
        except ValueError as error:
            raise InvalidSetting(f"the artifact store's option {name} cannot work: {error}") from error
    return checked


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
    place = parts.netloc.rpartition("@")[2]
    if parts.hostname and scheme.startswith("abfs") and parts.username and parts.password is None:
        place = parts.netloc  # a container, which is no user
    return f"{scheme}://{place}{parts.path}"


def _setting_error(scheme: str, extra: str, cause: BaseException | None) -> InvalidSetting | None:
    """What is wrong with the setting, when that is what *cause* means."""
    if scheme not in {*available_protocols(), *DRIVERS}:
        near = difflib.get_close_matches(scheme, [*available_protocols(), *DRIVERS], 1)
        hint = f"did you mean {near[0]}://? Else give" if near else "give"
        return InvalidSetting(f"the artifact store's scheme {scheme}:// is not known: {hint} {_EXAMPLES}")
    if isinstance(cause, ImportError):
        remedy = f"pip install 'jupyter-crdt-outputs[{extra}]'" if extra else str(cause)
        return InvalidSetting(
            f"the artifact store's scheme {scheme}:// needs a driver that is not installed in this Python "
            f"environment: {remedy}"
        )
    if isinstance(cause, (TypeError, ValueError)):
        return InvalidSetting(f"the artifact store's URL does not fit its scheme {scheme}://: {redacted(str(cause))}")
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
