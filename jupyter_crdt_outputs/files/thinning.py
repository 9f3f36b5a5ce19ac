"""Outputs on their way into a file that is to keep no large ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.offload import Offloaded, offload
from ..store.archive import Archive


def thinned(output: Mapping[str, Any], archive: Archive, file_max_bytes: int | None) -> Offloaded | None:
    """The reference that is to stand for an output in a file, with the artifacts that must be durable before.

    Args:
        output: a whole one, its texts in one piece.
        archive: whose policy it is; nothing is put there.
        file_max_bytes: an output with a larger part becomes a reference.

    Returns:
        None for an output that belongs in the file itself, and for what is a reference already.
    """
    offloaded = offload(output, archive.policy)
    if not offloaded.artifacts or archive.restores(offloaded.output, file_max_bytes):
        return None
    return Offloaded(archive.referring(offloaded.output, offloaded.artifacts), offloaded.artifacts)
