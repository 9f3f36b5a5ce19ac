"""The store that a command works on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ArtifactMissing
from ..model.digest import Digest
from ..store.blobs import Blobs
from ..store.layout import Area
from ..store.opening import open_blobs
from ..store.verified_store import VerifiedStore
from .configuration import Configuration
from .refused import Refused

_FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and below it what housekeeping works on.

    Attributes:
        store: proves what it gives.
        blobs: the bytes themselves.
    """

    store: VerifiedStore
    blobs: Blobs

    @property
    def where(self) -> str:
        """For people, without secrets."""
        return self.blobs.where

    def find(self, text: str) -> Digest:
        """The digest that *text* is, or is the unique beginning of.

        Raises:
            Refused: too short, no hexadecimal digits, or the beginning of several.
            ArtifactMissing: nothing in the store begins so.
        """
        text = text.lower()
        if len(text) == 64:
            return Digest.parse(text)
        if len(text) < _FEWEST_DIGITS or len(text) > 64 or set(text) - set("0123456789abcdef"):
            raise Refused(f"{text!r:.80} is no digest: give its 64 hexadecimal digits, or the first 8 or more")
        found = list(self.beginning(text))
        if not found:
            raise ArtifactMissing(
                f"the artifact store at {self.where} holds no artifact whose digest begins with {text}"
            )
        if len(found) > 1:
            names = ", ".join(digest.hex for digest in sorted(found)[:4])
            raise Refused(f"{len(found)} artifacts begin with {text}: {names}. Give more digits")
        return found[0]

    def beginning(self, prefix: str) -> Iterator[Digest]:
        """Every artifact whose digest begins with *prefix*, of two digits or more. Lists one folder."""
        entries = self.blobs.entries(Area.ARTIFACTS, prefix[:2])
        return (entry.digest for entry in entries if entry.digest.hex.startswith(prefix))


def place_at(url: str) -> Place:
    """The store at *url*, a path or URL."""
    blobs = open_blobs(url)
    return Place(VerifiedStore(blobs), blobs)


def place_of(options: argparse.Namespace) -> Place:
    """The store that ``--store`` names, or that of the server."""
    return place_at(options.store or str(Configuration().store_url().value))
