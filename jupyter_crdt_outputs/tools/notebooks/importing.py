"""``import``: large outputs of notebooks into the store, and references to them into the files."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from ...files.limits import KEY, METADATA, SMALLEST_BYTES, notebook_limit
from ...files.pieces import pieces_of
from ...files.thinning import thinned
from ...model.digest import Digest
from ...store import ArtifactStore
from ...store.archive import Archive
from ..output import count_text, print_json, size_text
from ..place import place_of
from ..refused import Refused
from .batch import Batch, each_of
from .folders import Folder, tell_left_alone
from .in_place import notebooks_at, settled
from .outputs_of import Opened, opened
from .reading import InvalidNotebook
from .thin_files import ThinFiles
from .trust import Trust
from .whole_file import whole_file

_BATCH_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Imported:
    """A notebook as it is now, or as it would be.

    Attributes:
        path: of the file.
        outputs: how many became references.
        size: of their artifacts, in bytes.
        before: bytes of the file.
        after: likewise; 0 when there was nothing to import, and it was not touched.
    """

    path: Path
    outputs: int
    size: int
    before: int
    after: int

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "path": str(self.path),
            "outputs": self.outputs,
            "bytes": self.size,
            "file_bytes_before": self.before,
            "file_bytes": self.after,
        }


class _Batches:
    """Artifacts on their way into a store, some at a time; None keeps nothing."""

    def __init__(self, store: ArtifactStore | None) -> None:
        self._store = store
        self._waiting: dict[Digest, bytes] = {}
        self.size = 0

    def put(self, artifacts: dict[Digest, bytes]) -> None:
        self.size += sum(map(len, artifacts.values()))
        self._waiting |= artifacts
        if sum(map(len, self._waiting.values())) >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._store is not None and self._waiting:
            self._store.put_many(list(self._waiting.values()))
        self._waiting = {}


def import_(options: argparse.Namespace) -> int:
    """Put what is large into the store; when it is durable there, replace the file by one with references."""
    archive = ThinFiles().archive(place_of(options).store)
    if options.larger_than is not None and options.larger_than < SMALLEST_BYTES:
        raise Refused(f"a reference takes {SMALLEST_BYTES} bytes by itself: give no less with --larger-than")
    folder = notebooks_at(options.sources)
    with Trust() as trust:
        work = settled(lambda path: _import(path, archive, trust, options))
        batch = each_of(folder.notebooks, work, "imported", folder.unreadable)
    _tell(batch, folder, options)
    return batch.exit_code


def _import(path: Path, archive: Archive, trust: Trust, options: argparse.Namespace) -> Imported:
    with opened(path) as file:
        notebook = file.notebook
        limit = options.larger_than or notebook_limit(notebook["metadata"], archive.policy.document_max_bytes)
        if limit is None:  # the notebook says that its file is to be complete
            return Imported(path, 0, 0, file.size, 0)
        batches = _Batches(None if options.dry_run else archive.store)
        count = _offload(file, archive, limit, batches)
        file.check()
        is_remembered = not options.remember or _remember(notebook["metadata"], limit)
        if not count and is_remembered:
            return Imported(path, 0, 0, file.size, 0)
        batches.flush()
        try:
            [text] = pieces_of(notebook, lambda output: False)
        except UnicodeEncodeError as error:
            raise InvalidNotebook(f"{path} has half a character, which no file can hold") from error
        assert isinstance(text, bytes)
        if not options.dry_run:
            with whole_file(path, file.identity) as out:
                out.write(text)
                if file.is_trusted(trust):
                    trust.sign(notebook)  # before the file is there: a crash must not leave it untrusted
        return Imported(path, count, batches.size, file.size, len(text))


def _offload(file: Opened, archive: Archive, limit: int, batches: _Batches) -> int:
    """Give the notebook its outputs, references in the place of those above the limit. Returns how many these are."""
    count = 0
    for number, output in file.outputs():
        thin = thinned(output, archive, limit)
        if thin is not None:
            batches.put(thin.artifacts)
            output = nbformat.from_dict(thin.output)
            count += 1
        file.notebook["cells"][number]["outputs"].append(output)
    return count


def _remember(metadata: Any, limit: int) -> bool:
    """Write the limit into a notebook's metadata. Returns whether it was there already."""
    if notebook_limit(metadata) == limit:
        return True
    section = metadata.get(METADATA)
    metadata[METADATA] = {**(section if isinstance(section, dict) else {}), KEY: limit}
    return False


def _tell(batch: Batch[Imported], folder: Folder, options: argparse.Namespace) -> None:
    changed = [done for done in batch.results if done.after]
    if options.json:
        print_json(
            {
                "dry_run": options.dry_run,
                "imported": [done.to_json() for done in changed],
                "untouched": [str(done.path) for done in batch.results if not done.after],
                "failed": [failure.to_json() for failure in batch.failures],
                "links_outside": [str(path) for path in folder.outside],
            }
        )
        return
    would = "would be " if options.dry_run else ""
    outputs = count_text(sum(done.outputs for done in changed), "output")
    before, after = (size_text(sum(sizes)) for sizes in ([d.before for d in changed], [d.after for d in changed]))
    print(
        f"{outputs}, {size_text(sum(done.size for done in changed))}, {would}put into the store; "
        f"{count_text(len(changed), 'file')}, {before} before, {after} {'then' if options.dry_run else 'now'}; "
        f"{len(batch.results) - len(changed):,} had nothing to import"
    )
    tell_left_alone(Folder(outside=folder.outside), "not imported")
    batch.warn()
