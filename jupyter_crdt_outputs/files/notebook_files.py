"""Saving notebooks at the cost of what changed in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import CrdtOutputsError
from ..model.restore import restore
from ..store import durable
from ..store.archive import Archive
from ..store.recent import Recent
from .file_form import CannotSplice, FileForm
from .following_hash import FollowingHash
from .pieces import Pieces, text_of
from .replacing import CannotReplace, Replacement, replacing
from .signing import signature_of

_REMEMBERED = 1000
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as it was left.

    Attributes:
        stat: by which it is known again; the file is another when it differs.
        hash: of the bytes, in hexadecimal digits.
        hash_algorithm: of :attr:`hash`.
        signature: that makes the notebook trusted; None for one that is not.
        plan: equal when the texts are.
        spans: where the text of each output is, in bytes from the beginning, and its length.
    """

    stat: tuple[int, ...]
    hash: str
    hash_algorithm: str
    signature: str | None
    plan: str
    spans: Mapping[str, tuple[int, int]]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.stat[2]


class NotebookFiles:
    """Writes notebook files, byte for byte as nbformat would, from notebooks with references.

    The text of an output that the last save has written is copied from that file, within the system's cache and, where
    the file system can, without being written again. All else is read from the store. A file is replaced in one step;
    what is equal to the file is not written. Every method blocks.

    Args:
        archive: has the originals.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._saved: Recent[Path, Saved] = Recent(_REMEMBERED)

    def save(
        self,
        path: Path,
        notebook: Mapping[str, Any],
        notary: Any,
        hash_algorithm: str,
        file_max_bytes: int | None = None,
    ) -> Saved:
        """Have *notebook* in the file at *path*.

        Args:
            path: of the file.
            notebook: in the document's form.
            notary: a ``NotebookNotary``; only its secret is used.
            hash_algorithm: of the file's hash.
            file_max_bytes: an output with a larger part stays a reference; None for a complete file.

        Raises:
            CannotSplice: nothing was done, and the ordinary way may succeed.
            OSError: nothing was done.
            StoreUnavailable: nothing was done.
        """
        form = FileForm(self._archive, notebook, file_max_bytes)
        trusted = form.is_trusted(notary)
        before = self._as_saved(path, hash_algorithm)
        sign = partial(signature_of, notary, form.signed(), self._original) if trusted else None
        try:
            if before is None or before.plan != form.plan:
                saved = self._replace(path, form, sign, hash_algorithm, before)
            elif trusted and before.signature is not None:
                return before
            else:
                saved = replace(before, signature=None if sign is None else sign())
        except (CannotReplace, UnicodeEncodeError) as error:
            raise CannotSplice from error
        self._saved.put(path, saved)
        return saved

    def recall(self, path: Path, saved: Saved) -> None:
        """Know the file at *path* as if it had been saved here."""
        self._saved.put(path, saved)

    def hash_of(self, path: Path, hash_algorithm: str) -> str | None:
        """The hash of the file at *path*, if it is as it was saved here; costs one stat."""
        saved = self._as_saved(path, hash_algorithm)
        return None if saved is None else saved.hash

    def _as_saved(self, path: Path, hash_algorithm: str) -> Saved | None:
        """What is known of the file at *path*, if it is as it was saved here."""
        saved = self._saved.get(path)
        if saved is None or saved.hash_algorithm != hash_algorithm or saved.stat != _stat_of(path):
            return None
        return saved

    def _replace(
        self, path: Path, form: FileForm, sign: Callable[[], str] | None, hash_algorithm: str, before: Saved | None
    ) -> Saved:
        """Write the file; *sign* is there if it is to be signed."""
        with replacing(path) as replacement, ThreadPoolExecutor(1, thread_name_prefix="sign") as threads:
            descriptor = replacement.descriptor
            if len(form.pieces) == 1:  # quicker than another thread would begin
                [text] = form.pieces
                assert isinstance(text, bytes)
                durable.write_all(descriptor, text)
                spans: dict[str, tuple[int, int]] = {}
                hash_ = hashlib.new(hash_algorithm, text).hexdigest
                signature = None if sign is None else sign()
            else:
                following = FollowingHash(descriptor, hash_algorithm)
                signing = None if sign is None else threads.submit(sign)
                with following:
                    spans = self._write(replacement, form.pieces, before, following)
                hash_ = following.result
                signature = None if signing is None else signing.result()
            stat = durable.identity_of(replacement.commit())
            return Saved(stat, hash_(), hash_algorithm, signature, form.plan, spans)

    def _write(
        self, replacement: Replacement, pieces: Pieces, before: Saved | None, hashed: FollowingHash
    ) -> dict[str, tuple[int, int]]:
        """Write all pieces; returns where the outputs are."""
        spans: dict[str, tuple[int, int]] = {}
        old = replacement.old if replacement.old is not None else -1
        known = (
            before.spans
            if before is not None and old >= 0 and durable.identity_of(os.fstat(old)) == before.stat
            else {}
        )
        at = 0
        for piece in pieces:
            if isinstance(piece, bytes):
                durable.write_all(replacement.descriptor, piece)
                at += len(piece)
            else:
                if piece.key in known:
                    start, length = known[piece.key]
                    _copy(old, replacement.descriptor, start, length)
                else:
                    text = text_of(self._original(piece.output))
                    length = len(text)
                    durable.write_all(replacement.descriptor, text)
                spans[piece.key] = (at, length)
                at += length
            hashed.wrote(at)
        return spans

    def _original(self, output: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return restore(output, lambda digest: self._archive.store.read(digest, 0, 1 << 62))
        except CrdtOutputsError as error:
            raise CannotSplice from error  # the ordinary way knows what to do


def _copy(source: int, target: int, start: int, length: int) -> None:
    """Append a part of one file to another."""
    while length:
        copied = _copy_some(source, target, start, length)
        start += copied
        length -= copied


def _copy_some(source: int, target: int, start: int, length: int) -> int:
    if hasattr(os, "copy_file_range"):
        copied = os.copy_file_range(source, target, length, offset_src=start)
        if copied:
            return copied
    data = os.pread(source, min(length, _CHUNK_BYTES), start)
    if not data:
        raise CannotSplice
    return os.write(target, data)


def _stat_of(path: Path) -> tuple[int, ...] | None:
    try:
        return durable.identity_of(path.stat())
    except FileNotFoundError:
        return None
