"""Blobs and records on any file system that fsspec has a driver for. Importing this imports fsspec."""

from .blobs import RemoteBlobs

__all__ = ["RemoteBlobs"]
