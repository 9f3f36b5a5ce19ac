"""Addresses under which a browser fetches an artifact from its bucket, for some seconds and without credentials."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ..errors import InvalidSetting
from ..model.digest import Digest
from . import layout
from .address import Address, scheme_of
from .drivers import AZURE, DRIVERS, GCS, S3, Driver
from .failures import redacted
from .recent import Recent
from .remote.deadlines import Deadline, calls_on

_REMEMBERED = 10_000
_MARGIN = 0.9  # of what is left, a browser may believe a redirect: the rest is for its way and for clocks
_COMPLAINT_S = 3600.0


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """An address.

    Attributes:
        url: absolute, with the signature in its query: who has it may read this one artifact, until it ends.
        max_age_s: seconds for which it may be believed to work.
    """

    url: str
    max_age_s: int


@dataclass(frozen=True, slots=True)
class _Kept:
    url: str
    ends_at: float


class UrlSigner:
    """Signs the addresses of a store's artifacts, each with a media type and a disposition that nobody can change.

    Signing is arithmetic: it asks no service, and does not look whether the artifact is there, or is what its name
    says. An address is given out again while half of its time is left, so that browsers may cache what it leads to.
    Thread-safe.

    Args:
        url: of the store, as for :func:`.opening.open_store`.
        seconds: for which an address works.
        log: told once an hour when the credentials cannot sign.

    Raises:
        InvalidSetting: stores of this kind know no such addresses, or the driver that signs is not installed.
    """

    def __init__(self, url: str, seconds: int, log: logging.Logger) -> None:
        address, self._sign = _asked(url, seconds)
        # Whatever driver reads and writes: obstore's signatures cannot hold a media type.
        filesystem = address.connect(address.usual)
        self._calls = calls_on(filesystem if self._sign is not _sign_gcs else lambda: filesystem, Deadline())
        self._root = address.root
        self._seconds = seconds
        self._log = log
        self._kept: Recent[tuple[Digest, str, str], _Kept] = Recent(_REMEMBERED)
        self._lock = Lock()
        self._complained_at = -_COMPLAINT_S

    def url_of(self, digest: Digest, content_type: str, disposition: str) -> SignedUrl | None:
        """An address of the artifact, answered with these headers; None when the credentials cannot sign."""
        key = (digest, content_type, disposition)
        now = time.time()
        kept = self._kept.get(key)
        if kept is None or kept.ends_at - now < self._seconds / 2:
            path = f"{self._root}/{layout.key_of(digest)}"
            try:
                url = self._sign(self._calls, path, self._seconds, content_type, disposition)
            except Exception as error:
                self._complain(error)
                return None
            kept = _Kept(url, now + self._seconds)
            self._kept.put(key, kept)
        return SignedUrl(kept.url, int((kept.ends_at - now) * _MARGIN))

    def _complain(self, error: Exception) -> None:
        with self._lock:
            if time.monotonic() - self._complained_at < _COMPLAINT_S:
                return
            self._complained_at = time.monotonic()
        said = redacted(f"{type(error).__name__}: {error}")
        self._log.warning("artifacts are served by this server, since its credentials sign no addresses: %s", said)


Sign = Callable[[Callable[..., Any], str, int, str, str], str]


def _sign_s3(call: Callable[..., Any], path: str, seconds: int, content_type: str, disposition: str) -> str:
    headers = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
    return str(call("url", path, expires=seconds, **headers))


def _sign_azure(call: Callable[..., Any], path: str, seconds: int, content_type: str, disposition: str) -> str:
    return str(call("url", path, expires=seconds, content_type=content_type, content_disposition=disposition))


def _sign_gcs(call: Callable[..., Any], path: str, seconds: int, content_type: str, disposition: str) -> str:
    headers = {"response_type": content_type, "response_disposition": disposition}
    return str(call("sign", path, expiration=seconds, version="v4", **headers))


_SIGNS: list[tuple[Driver, Sign]] = [(S3, _sign_s3), (AZURE, _sign_azure), (GCS, _sign_gcs)]


def _asked(url: str, seconds: int) -> tuple[Address, Sign]:
    if scheme_of(url) in DRIVERS:
        address = Address.parse(url)
        for driver, sign in _SIGNS:
            if driver is address.usual:
                return address, sign
    raise InvalidSetting(
        f"CrdtOutputsApp.signed_url_s = {seconds} cannot work with this artifact store: only S3, Azure and Google "
        "Cloud Storage sign addresses. Set it to 0."
    )
