"""Papermill's client with a store."""

from __future__ import annotations

from papermill.clientwrap import PapermillNotebookClient

from .client import StoringMixin


class StoringPapermillClient(StoringMixin, PapermillNotebookClient):  # type: ignore[misc]
    """Papermill saves, counts and logs as ever; what is large is in the store."""
