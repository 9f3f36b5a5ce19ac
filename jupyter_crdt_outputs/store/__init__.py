"""Bytes by digest, on any file system that fsspec knows.

``ArtifactStore`` is the contract, ``open_store`` the way in. Neither needs Jupyter, tornado or pycrdt.
"""

from .artifact_store import ArtifactStore
from .opening import open_store

__all__ = ["ArtifactStore", "open_store"]
