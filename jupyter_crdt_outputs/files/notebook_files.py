"""Saving notebooks at the cost of what changed in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
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
from .replacing import CannotReplace, replacing
from .saved import Saved
from .signing import signature_of
from .splicing import Spans, splice

_REMEMBERED = 1000


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
            old = None if replacement.old is None else durable.identity_of(os.fstat(replacement.old))
            known = before.spans if before is not None and before.stat == old else {}
            if len(form.pieces) == 1:  # quicker than another thread would begin
                [text] = form.pieces
                assert isinstance(text, bytes)
                durable.write_all(descriptor, text)
                spans: Spans = {}
                hash_ = hashlib.new(hash_algorithm, text).hexdigest
                signature = None if sign is None else sign()
            else:
                following = FollowingHash(descriptor, hash_algorithm)
                signing = None if sign is None else threads.submit(sign)
                with following:
                    spans = splice(replacement, form.pieces, known, self._original, following.wrote)
                hash_ = following.result
                signature = None if signing is None else signing.result()
            stat = durable.identity_of(replacement.commit())
            return Saved(stat, hash_(), hash_algorithm, signature, form.plan, spans)

    def _original(self, output: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return restore(output, lambda digest: self._archive.store.read(digest, 0, 1 << 62))
        except CrdtOutputsError as error:
            raise CannotSplice from error  # the ordinary way knows what to do


def _stat_of(path: Path) -> tuple[int, ...] | None:
    try:
        return durable.identity_of(path.stat())
    except FileNotFoundError:
        return None
