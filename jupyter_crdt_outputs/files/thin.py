"""A notebook on its way to its file, with references in the place of bulk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any


class ThinNotebook(dict[str, Any]):
    """A notebook as it is in the document, for a writer that can put the originals back by itself.

    Args:
        notebook: in the document's form, but for streams that are still being written, which are texts.
        complete: gives the same notebook as it belongs in its file, for every other writer.
        file_max_bytes: an output with a larger part stays a reference in the file; None for none.
    """

    def __init__(
        self,
        notebook: Mapping[str, Any],
        complete: Callable[[], Awaitable[dict[str, Any]]],
        file_max_bytes: int | None = None,
    ) -> None:
        super().__init__(notebook)
        self.complete = complete
        self.file_max_bytes = file_max_bytes
