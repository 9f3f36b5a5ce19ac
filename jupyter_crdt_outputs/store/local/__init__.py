"""Blobs and records in a folder: neither a crash nor a second server can leave half of one."""

from .blobs import LocalBlobs

__all__ = ["LocalBlobs"]
