"""Which driver is asked for which scheme."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from . import buckets
from .driver import Driver, Source

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


def _yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def _bucket_and_key(url: str) -> str:
    return url.partition("://")[2]


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _obstore(url: str, options: dict[str, Any]) -> Source:
    from .obstore import connect

    return connect(url, options)


def _sftp(url: str, options: dict[str, Any]) -> Source:
    from .sftp import connector

    return connector(url, options)


def _webdav(url: str, options: dict[str, Any]) -> Source:
    from .webdav import connect

    return connect(url)


def _http(url: str, options: dict[str, Any]) -> Source:
    from .http import ReadOnlyHTTP

    return ReadOnlyHTTP(use_listings_cache=False, skip_instance_cache=True)


_Options = dict[str, Callable[[str], Any]]

_S3: _Options = {"endpoint_url": str, "region": str}
_GCS: _Options = {"endpoint_url": str, "project": str, "anon": _yes}
_OBSTORE_AZURE: _Options = {"account_name": str}
_AZURE: _Options = _OBSTORE_AZURE | {"account_host": str}

S3 = Driver("s3", _S3 | {"profile": str, "anon": _yes, "requester_pays": _yes}, True, buckets.s3, _bucket_and_key)
GCS = Driver("gcs", _GCS, True, buckets.gcs, _bucket_and_key)
AZURE = Driver("azure", _AZURE, True, buckets.azure, buckets.azure_root)
SFTP = Driver("sftp", {"key_filename": str, "known_hosts": str}, False, _sftp, _path)
WEBDAV = Driver("webdav", {}, False, _webdav, _path)
HTTP = Driver("http", None, False, _http, str)

DRIVERS = {
    **dict.fromkeys(["s3", "s3a"], S3),
    **dict.fromkeys(["gs", "gcs"], GCS),
    **dict.fromkeys(["abfs", "abfss", "az"], AZURE),
    **dict.fromkeys(["sftp", "ssh"], SFTP),
    **dict.fromkeys(["webdav", "webdavs", "dav", "davs"], WEBDAV),
    **dict.fromkeys(["http", "https"], HTTP),
}
"""By scheme."""

ALTERNATIVES = {
    "obstore": {
        **dict.fromkeys(["s3", "s3a"], Driver("obstore", _S3, True, _obstore, _bucket_and_key)),
        **dict.fromkeys(["gs", "gcs"], Driver("obstore", {}, True, _obstore, _bucket_and_key)),
        **dict.fromkeys(["abfs", "abfss", "az"], Driver("obstore", _OBSTORE_AZURE, True, _obstore, buckets.azure_root)),
    }
}
"""By the value of a URL's option ``driver``, then by scheme."""

_ATOMIC = frozenset(["memory", "oss", "oci", "ocilake", "obs", "tos", "cos"])


def any_driver(scheme: str) -> Driver:
    """Whatever fsspec has for *scheme*, as it is. Raises what its import raises."""
    from fsspec import get_filesystem_class

    kind = get_filesystem_class(scheme)

    def build(url: str, options: dict[str, Any]) -> Source:
        arguments = kind._get_kwargs_from_urls(url)

        def connect() -> AbstractFileSystem:
            # An own instance: its cached listings are nobody else's.
            return kind(**arguments, skip_instance_cache=True)

        return connect() if kind.async_impl or scheme == "memory" else connect

    return Driver("", None, scheme in _ATOMIC, build, kind._strip_protocol)
