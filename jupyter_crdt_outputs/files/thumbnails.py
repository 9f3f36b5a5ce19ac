"""Small pictures that a file shows in the place of large ones."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Mapping

from ..errors import CrdtOutputsError, InvalidSetting
from ..model.digest import Digest
from ..model.reference import BundleReference, Part
from ..store.artifact_store import ArtifactStore
from ..store.recent import Recent
from .pictures import MAX_SOURCE_BYTES, check_pillow, scaled

_SIDES = (480, 320, 160, 80)
"""Pixels of the longer side; the first of them that is small enough in bytes."""

_MAX_BYTES = 1 << 15
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
_REMEMBERED = 2000
_NONE: Mapping[Digest, bytes] = {}


class Thumbnails:
    """Makes thumbnails of PNG and JPEG artifacts, with Pillow.

    The same artifact has the same thumbnail, on every server with the same release of Pillow. It is of the type of the
    artifact, so that restoring the output replaces it. Blocks: call it in a thread.

    Args:
        store: has the artifacts.
        log: told of what has no thumbnail although it looks like a picture.

    Raises:
        InvalidSetting: Pillow is not installed.
    """

    def __init__(self, store: ArtifactStore, log: logging.Logger) -> None:
        try:
            check_pillow()
        except ImportError as error:
            raise InvalidSetting(
                "CrdtOutputsApp.thumbnails = True needs Pillow: pip install 'jupyter-crdt-outputs[thumbnails]'."
            ) from error
        self._store = store
        self._log = log
        self._made: Recent[tuple[Digest, str], str] = Recent(_REMEMBERED)
        self._one_at_a_time = threading.Lock()  # of pictures that are decoded

    def __call__(
        self, reference: BundleReference, at_hand: Mapping[Digest, bytes] = _NONE, unread: list[Digest] | None = None
    ) -> dict[str, str]:
        """Thumbnails of the parts that have one, by their MIME types, in base64.

        Args:
            reference: of the output.
            at_hand: artifacts that need not be read, or are not in the store yet.
            unread: to it are added artifacts that cannot be read now, and so may have a thumbnail another time.
        """
        unread = [] if unread is None else unread
        pictures = {mime: part for mime, part in reference.parts.items() if mime in _FORMATS}
        made = {mime: self._of(part, mime, at_hand, unread) for mime, part in pictures.items()}
        return {mime: thumbnail for mime, thumbnail in made.items() if thumbnail}

    def _of(self, part: Part, mime: str, at_hand: Mapping[Digest, bytes], unread: list[Digest]) -> str:
        key = part.digest, mime
        known = self._made.get(key)
        if known is not None:
            return known
        with self._one_at_a_time:
            known = self._made.get(key)
            if known is None:
                try:
                    data = at_hand.get(part.digest) or self._store.read(part.digest, 0, MAX_SOURCE_BYTES + 1)
                except CrdtOutputsError:
                    unread.append(part.digest)
                    return ""
                known = self._make(data, _FORMATS[mime], part.digest)
                self._made.put(key, known)
        return known

    def _make(self, data: bytes, form: str, digest: Digest) -> str:
        """Empty where nothing is gained."""
        if len(data) > MAX_SOURCE_BYTES:
            return ""
        try:
            for side in _SIDES:
                thumbnail = scaled(data, form, side)
                if len(thumbnail) <= _MAX_BYTES:
                    return base64.b64encode(thumbnail).decode() if len(thumbnail) < len(data) else ""
        except Exception as error:  # the picture is hostile input, and nothing depends on it
            self._log.debug("no thumbnail of %s: %s", digest, error)
        return ""
