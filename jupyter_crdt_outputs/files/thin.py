"""A notebook on its way to its file, with references in the place of bulk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any


class ThinNotebook(dict[str, Any]):
    """A notebook as it is in the document, for a writer that can put the originals back by itself.

    Args:
        notebook: in the document's form, but for streams that are still being written, which are texts.
        complete: gives the same notebook with its originals, for every other writer.
    """

    def __init__(self, notebook: Mapping[str, Any], complete: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        super().__init__(notebook)
        self.complete = complete
