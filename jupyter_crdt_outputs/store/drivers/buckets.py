"""The object stores of the large clouds, and what speaks like one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .driver import CONNECT_S, POOL, READ_S, Source


def s3(url: str, options: dict[str, Any]) -> Source:
    """S3 and what speaks its language, by s3fs."""
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


def gcs(url: str, options: dict[str, Any]) -> Source:
    """Google Cloud Storage, by gcsfs."""
    from gcsfs.core import GCSFileSystem  # the one in gcsfs asks every bucket for its kind first, over gRPC

    token = "anon" if options.pop("anon", False) else None  # else wherever Google's own tools look
    return GCSFileSystem(**options, token=token, use_listings_cache=False, skip_instance_cache=True)


def azure(url: str, options: dict[str, Any]) -> Source:
    """Azure's blobs, by adlfs."""
    from adlfs import AzureBlobFileSystem

    return AzureBlobFileSystem(
        **AzureBlobFileSystem._get_kwargs_from_urls(url) | options,
        connection_timeout=CONNECT_S,
        read_timeout=READ_S,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def azure_root(url: str) -> str:
    """Container and folder, whichever of its ways of writing them Azure's URL has."""
    parts = urlsplit(url)
    return (parts.username or parts.hostname or "") + parts.path
