"""How the server's exporters come to our preprocessor. Imports nothing of nbconvert, which takes its time."""

from __future__ import annotations

from dataclasses import dataclass

from traitlets.config import Config

from .resolving import Sources

SERVED = "crdt_outputs_served"
"""The key of the web application's settings under which the running server's :class:`Served` is."""

_PREPROCESSOR = f"{__package__}.server.ServedOutputsPreprocessor"


@dataclass(frozen=True, slots=True)
class Served:
    """What a running server makes originals from.

    Attributes:
        sources: its store, with what waits to be uploaded, and its logs.
        resource: what a user must be allowed to read.
    """

    sources: Sources
    resource: str


def put_first(config: Config) -> None:
    """Let every exporter that is made with *config* begin with our preprocessor."""
    config.Exporter.default_preprocessors.insert(0, _PREPROCESSOR)
