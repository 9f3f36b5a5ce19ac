"""Whole outputs and notebooks into the store and back: where the model's rules meet the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ..errors import ArtifactCorrupt, ArtifactMissing, InvalidReference
from ..model.digest import Digest
from ..model.in_file import to_file
from ..model.offload import Offloaded, offload
from ..model.policy import Policy
from ..model.reference import REFERENCE_MIME_TYPE, BundleReference, reference_in
from ..model.restore import restore
from .artifact_store import ArtifactStore
from .lost import LostOriginals

_BATCH_BYTES = 1 << 24
_NONE: Mapping[Digest, bytes] = {}


class Pictures(Protocol):
    """What a file shows beside a reference."""

    def __call__(
        self, reference: BundleReference, at_hand: Mapping[Digest, bytes], unread: list[Digest] | None
    ) -> Mapping[str, str]:
        """Pictures by their MIME types; *at_hand* need not be read, and what cannot be read is added to *unread*."""
        ...


class Archive:
    """Offloads by one policy into one store. Every method blocks on the store: call it in a thread.

    Args:
        store: where artifacts lie.
        policy: what leaves the document.
        thumbnails: gives pictures to show in a file beside a reference; None for no pictures.

    Attributes:
        store: as above.
        policy: as above.
        bytes_offloaded: of whole notebooks, so far.
    """

    def __init__(
        self,
        store: ArtifactStore,
        policy: Policy,
        thumbnails: Pictures | None = None,
    ) -> None:
        self.store = store
        self.policy = policy
        self._thumbnails = thumbnails
        self._lost = LostOriginals(store)
        self.bytes_offloaded = 0

    def keep(self, artifacts: Mapping[Digest, bytes]) -> None:
        """Make artifacts durable. Raises :class:`StoreFull` or :class:`StoreUnavailable`; idempotent."""
        if artifacts:
            self.store.put_many(list(artifacts.values()))

    def offload_output(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """The document's form of one output. Its artifacts are durable when this returns (invariant I1).

        Raises:
            StoreFull, StoreUnavailable: nothing is to be written to the document in the form of a reference.
        """
        offloaded = offload(output, self.policy)
        self.keep(offloaded.artifacts)
        return offloaded.output

    def offload_from_file(self, output: Mapping[str, Any]) -> Offloaded:
        """The document's form of an output of a file, and what is to be kept before it is used; keeps nothing."""
        self.came_from_file(output)
        return offload(output, self.policy)

    def came_from_file(self, output: Mapping[str, Any]) -> None:
        """A file has this output; if as a reference, there is no original in the file to be lost."""
        reference = reference_in(output)
        if reference is not None:
            self._lost.came_from_file(reference)

    def offload_notebook(self, notebook: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a notebook, its bulk in the store; cells without bulk are the given objects themselves."""
        with ThreadPoolExecutor(1, thread_name_prefix="offload") as writer:
            batch: dict[Digest, bytes] = {}
            written = []
            cells = []
            for cell in notebook.get("cells", []):
                cell, artifacts = self._offload_cell(cell)
                cells.append(cell)
                batch |= artifacts
                self.bytes_offloaded += sum(map(len, artifacts.values()))
                if sum(map(len, batch.values())) > _BATCH_BYTES:  # the disk writes while the next is decoded
                    written.append(writer.submit(self.keep, batch))
                    batch = {}
            written.append(writer.submit(self.keep, batch))
            for each in written:
                each.result()
        return {**notebook, "cells": cells}

    def _offload_cell(self, cell: Any) -> tuple[Any, dict[Digest, bytes]]:
        outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
        if not isinstance(outputs, list) or not all(isinstance(output, Mapping) for output in outputs):
            return cell, {}
        offloaded = [self.offload_from_file(output) for output in outputs]
        artifacts = {digest: data for each in offloaded for digest, data in each.artifacts.items()}
        if not artifacts and all(each.output == output for each, output in zip(offloaded, outputs, strict=True)):
            return cell, {}
        return {**cell, "outputs": [each.output for each in offloaded]}, artifacts

    def restore_notebook(
        self, notebook: Mapping[str, Any], file_max_bytes: int | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        """A copy of a notebook as it belongs in a file, and what could not be restored, in words.

        An output whose artifact is missing or corrupt keeps its reference: a later save, with the artifact back,
        makes it whole again.

        Args:
            notebook: in the document's form.
            file_max_bytes: an output with a larger part stays a reference; None for all originals.

        Raises:
            StoreUnavailable: an incomplete file would be written for a passing fault. Do not save; try again.
        """
        problems: list[str] = []
        cells = []
        for cell in notebook.get("cells", []):
            outputs = cell.get("outputs")
            if isinstance(outputs, list) and any(map(_is_referring, outputs)):
                cell = {**cell, "outputs": self.restore_outputs(outputs, problems, file_max_bytes)}
            cells.append(cell)
        return {**notebook, "cells": cells}, problems

    def restore_outputs(
        self, outputs: Iterable[Any], problems: list[str], file_max_bytes: int | None = None
    ) -> list[Any]:
        """A cell's outputs as they belong in a file; what cannot be restored is added to *problems*, in words."""
        restored: list[Any] = []
        for output in outputs:
            if self.restores(output, file_max_bytes):
                try:
                    restored.append(restore(output, self.store.get))
                    continue
                except (ArtifactMissing, ArtifactCorrupt, InvalidReference) as error:
                    problems.append(str(error))
            elif problem := self.lost(output):
                problems.append(problem)
            restored.append(self.referring(output))
        return restored

    def lost(self, output: Any) -> str:
        """Why a reference must not take the place of its original in a file, which may have the only copy; else empty.

        Costs a look at the store the first time only, and none for what came as a reference from a file.
        """
        reference = reference_in(output) if _is_referring(output) else None
        return "" if reference is None else self._lost.why(reference)

    def referring(
        self, output: Any, at_hand: Mapping[Digest, bytes] = _NONE, unread: list[Digest] | None = None
    ) -> Any:
        """An output that is not restored, as a file has it: a reference says so in words, and perhaps in a picture.

        Args:
            output: any.
            at_hand: artifacts that may be on their way into the store.
            unread: to it are added artifacts that cannot be read now, and of which the file lacks a picture.
        """
        reference = reference_in(output) if _is_referring(output) else None
        if reference is None:
            return output
        if self._thumbnails is None or not isinstance(reference, BundleReference):
            return to_file(output)
        return to_file(output, self._thumbnails(reference, at_hand, unread))

    def restores(self, output: Any, file_max_bytes: int | None = None) -> bool:
        """Whether an output stands for another one that belongs in its place in a file."""
        if not _is_referring(output):
            return False
        reference = reference_in(output)
        return reference is None or not self.policy.leaves_file(reference, file_max_bytes)


def _is_referring(output: Any) -> bool:
    data = output.get("data") if isinstance(output, Mapping) else None
    return isinstance(data, Mapping) and REFERENCE_MIME_TYPE in data
