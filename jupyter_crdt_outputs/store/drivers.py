"""The drivers that we know well enough to set them up: timeouts, retries, connections, caches, options in a URL.

A driver retries little or nothing, since whoever calls a store does, and counts. It connects when it is first used,
and keeps no listings. Drivers, and fsspec itself, are imported only when asked for: a local store needs none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

Source: TypeAlias = "AbstractFileSystem | Callable[[], AbstractFileSystem]"
"""A file system, or what connects to one."""

CONNECT_S = 5
READ_S = 30  # between two packets; the whole call has a deadline of its own
POOL = 64  # connections, for an uploader that runs 32 calls at once


@dataclass(frozen=True, slots=True)
class Driver:
    """A family of schemes.

    Attributes:
        extra: the extra of our distribution that installs it.
        options: what a URL's query may say, and what is read from it; None where a query is a part of the address.
        atomic: whether one request writes one file, whole or not at all.
        build: makes a source of the URL without its query, and the options.
        root: the path of the store in it.
    """

    extra: str
    options: Mapping[str, Callable[[str], Any]] | None
    atomic: bool
    build: Callable[[str, dict[str, Any]], Source]
    root: Callable[[str], str]


def _yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return text == "1"


def _bucket_and_key(url: str) -> str:
    return url.partition("://")[2]


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _s3(url: str, options: dict[str, Any]) -> Source:
    from s3fs import S3FileSystem

    region = options.pop("region", None)
    filesystem = S3FileSystem(
        **options,
        client_kwargs={"region_name": region} if region else None,
        config_kwargs={
            "connect_timeout": CONNECT_S,
            "read_timeout": READ_S,
            "max_pool_connections": POOL,
            "signature_version": "s3v4",
            # The store hashes for itself. Not every service knows these sums: rclone's sends the whole object's with a
            # part of it.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            # One more, at once, for a connection that the service closed while it was idle.
            "retries": {"mode": "standard", "total_max_attempts": 2},
        },
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    filesystem.retries = 1
    return filesystem


def _gcs(url: str, options: dict[str, Any]) -> Source:
    from gcsfs.core import GCSFileSystem  # the one in gcsfs asks every bucket for its kind first, over gRPC

    token = "anon" if options.pop("anon", False) else None  # else wherever Google's own tools look
    return GCSFileSystem(**options, token=token, use_listings_cache=False, skip_instance_cache=True)


def _azure(url: str, options: dict[str, Any]) -> Source:
    from adlfs import AzureBlobFileSystem

    return AzureBlobFileSystem(
        **AzureBlobFileSystem._get_kwargs_from_urls(url) | options,
        connection_timeout=CONNECT_S,
        read_timeout=READ_S,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _azure_root(url: str) -> str:
    parts = urlsplit(url)
    return (parts.username or parts.hostname or "") + parts.path


def _obstore(url: str, options: dict[str, Any]) -> Source:
    from .obstore_driver import connect

    return connect(url, options)


def _sftp(url: str, options: dict[str, Any]) -> Source:
    from .sftp import connector

    return connector(url, options)


def _webdav(url: str, options: dict[str, Any]) -> Source:
    from .webdav import connect

    return connect(url)


def _http(url: str, options: dict[str, Any]) -> Source:
    from .read_only import ReadOnlyHTTP

    return ReadOnlyHTTP(use_listings_cache=False, skip_instance_cache=True)


_Options = dict[str, Callable[[str], Any]]

_S3: _Options = {"endpoint_url": str, "region": str}
_GCS: _Options = {"endpoint_url": str, "project": str, "anon": _yes}
_AZURE: _Options = {"account_name": str, "account_host": str}

S3 = Driver("s3", _S3 | {"profile": str, "anon": _yes, "requester_pays": _yes}, True, _s3, _bucket_and_key)
GCS = Driver("gcs", _GCS, True, _gcs, _bucket_and_key)
AZURE = Driver("azure", _AZURE, True, _azure, _azure_root)
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
        **dict.fromkeys(["abfs", "abfss", "az"], Driver("obstore", {"account_name": str}, True, _obstore, _azure_root)),
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


def uses_http(endpoint: str | None, *variables: str) -> bool:
    """Whether *endpoint*, or else the first of the environment's *variables* that is set, is not encrypted."""
    chosen = endpoint or next((os.environ[name] for name in variables if os.environ.get(name)), "")
    return chosen.startswith("http://")
