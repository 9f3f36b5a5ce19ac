"""The URL of a store, taken apart and checked: who is to be asked, for which folder, with which options."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..errors import InvalidSetting
from .drivers import ALTERNATIVES, DRIVERS, Driver, Source, any_driver
from .failures import redacted, store_errors

EXAMPLES = "an absolute path such as /srv/outputs, or a URL such as s3://bucket/outputs"
"""For messages."""

_SECRETS = ("key", "secret", "token", "password", "credential", "sas", "connection_string")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address that is no local folder.

    Attributes:
        scheme: such as ``s3``.
        where: the URL without its secrets, for messages.
        driver: what it asks for.
        usual: what would be asked without the option ``driver``.
        root: the path of the store, as drivers know it.
    """

    scheme: str
    where: str
    driver: Driver
    usual: Driver
    root: str
    _url: str = field(repr=False)
    _options: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address *url*. Raises :class:`InvalidSetting` with a message that says what would be right."""
        scheme = scheme_of(url)
        where = _without_secrets(url, scheme)
        usual = DRIVERS.get(scheme) or _any_driver(scheme)
        driver, options = usual, dict[str, Any]()
        if usual.options is not None:
            url, _, query = url.partition("?")
            given = dict(parse_qsl(query, keep_blank_values=True))
            driver = _chosen(given.pop("driver", None), scheme) or usual
            options = _checked(given, driver, scheme)
        root = driver.root(url).rstrip("/")
        if not root:
            raise InvalidSetting(f"the artifact store {where} names no bucket or folder: write {scheme}://name/folder")
        return cls(scheme, where, driver, usual, root, url, options)

    def connect(self, driver: Driver) -> Source:
        """What *driver*, one of the two, has for this address. Asks nobody. Raises :class:`InvalidSetting`."""
        try:
            with store_errors("open", self.where):
                return driver.build(self._url, dict(self._options))
        except Exception as error:
            raise (_setting_error(self.scheme, driver.extra, error.__cause__) or error) from error


def scheme_of(url: str) -> str:
    """The scheme; ``file`` for a path. Raises :class:`InvalidSetting` for what can be no address at all."""
    if not url.strip():
        raise InvalidSetting(f"the artifact store must not be empty: give {EXAMPLES}")
    if "\0" in url:
        raise InvalidSetting(f"the artifact store must not hold a NUL character: give {EXAMPLES}")
    if "::" in url:
        raise InvalidSetting(
            f"the artifact store must be one URL without '::', since a cache in between would hide what is really "
            f"stored: give {EXAMPLES}"
        )
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "file", url
    if scheme in ("file", "local") and not Path(rest).expanduser().is_absolute():
        raise InvalidSetting(
            f"the artifact store {url!r} depends on the folder that the server is started in: give {EXAMPLES}"
        )
    return scheme


def _any_driver(scheme: str) -> Driver:
    try:
        return any_driver(scheme)
    except (ImportError, ValueError) as error:
        raise (_setting_error(scheme, "", error) or error) from error


def _chosen(name: str | None, scheme: str) -> Driver | None:
    if name is None:
        return None
    if scheme not in ALTERNATIVES.get(name, {}):
        known = [other for other, schemes in ALTERNATIVES.items() if scheme in schemes]
        instead = f"leave the option out, or write driver={known[0]}" if known else "leave the option out"
        raise InvalidSetting(f"the artifact store's driver={name} is not known for {scheme}://: {instead}")
    return ALTERNATIVES[name][scheme]


def _checked(options: Mapping[str, str], driver: Driver, scheme: str) -> dict[str, Any]:
    checked = {}
    known_options = driver.options or {}
    for name, value in options.items():
        if name not in known_options:
            if any(word in name.lower() for word in _SECRETS):
                raise InvalidSetting(
                    f"the artifact store's URL must not hold credentials ({name}): give them to the server's "
                    "environment, as the driver reads them"
                )
            known = ", ".join(sorted(known_options)) or "none"
            near = difflib.get_close_matches(name, known_options, 1)
            hint = f"did you mean {near[0]}? Known are" if near else "known are"
            raise InvalidSetting(f"the artifact store's option {name} is not known for {scheme}://: {hint} {known}")
        try:
            checked[name] = known_options[name](value)
        except ValueError as error:
            raise InvalidSetting(f"the artifact store's option {name} cannot work: {error}") from error
    return checked


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
    from fsspec import available_protocols

    if scheme not in {*available_protocols(), *DRIVERS}:
        near = difflib.get_close_matches(scheme, [*available_protocols(), *DRIVERS], 1)
        hint = f"did you mean {near[0]}://? Else give" if near else "give"
        return InvalidSetting(f"the artifact store's scheme {scheme}:// is not known: {hint} {EXAMPLES}")
    if isinstance(cause, ImportError):
        remedy = f"pip install 'jupyter-crdt-outputs[{extra}]'" if extra else str(cause)
        return InvalidSetting(
            f"the artifact store's scheme {scheme}:// needs a driver that is not installed in this Python "
            f"environment: {remedy}"
        )
    if isinstance(cause, (TypeError, ValueError)):
        return InvalidSetting(f"the artifact store's URL does not fit its scheme {scheme}://: {redacted(str(cause))}")
    return None
