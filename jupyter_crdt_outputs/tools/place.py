"""The store that a command works on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import ArtifactMissing
from ..model.digest import Digest
from ..store.blobs import Blobs
from ..store.layout import Area
from ..store.opening import open_blobs
from ..store.verified_store import VerifiedStore
from .configuration import Configuration
from .originals import Originals
from .refused import Refused
from .spool import copies_here, spooled

_FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and below it what housekeeping works on.

    Attributes:
        store: proves what it gives.
        blobs: the bytes themselves.
        url: as it was given; may hold secrets.
        spool: what waits on this machine to be in the store; None if there is no such place.
    """

    store: VerifiedStore
    blobs: Blobs
    url: str
    spool: Blobs | None = None

    @property
    def where(self) -> str:
        """For people, without secrets."""
        return self.blobs.where

    def find(self, text: str, areas: Sequence[Area] = (Area.ARTIFACTS,)) -> Digest:
        """The digest that *text* is, or is the unique beginning of, in one of *areas*.

        Raises:
            Refused: too short, no hexadecimal digits, or the beginning of several.
            ArtifactMissing: nothing in the store begins so.
        """
        text = text.lower()
        if len(text) == 64:
            return Digest.parse(text)
        if len(text) < _FEWEST_DIGITS or len(text) > 64 or set(text) - set("0123456789abcdef"):
            raise Refused(f"{text!r:.80} is no digest: give its 64 hexadecimal digits, or the first 8 or more")
        found = sorted(set(self.beginning(text, areas)))
        if not found:
            raise ArtifactMissing(
                f"the artifact store at {self.where} holds no artifact whose digest begins with {text}: `ls` lists "
                "those that it holds"
            )
        if len(found) > 1:
            names = ", ".join(digest.hex for digest in found[:4])
            raise Refused(f"{len(found)} artifacts begin with {text}: {names}. Give more digits")
        return found[0]

    def beginning(self, prefix: str, areas: Sequence[Area] = (Area.ARTIFACTS,)) -> Iterator[Digest]:
        """Every artifact whose digest begins with *prefix*, of two digits or more. Lists one folder."""
        places = [(self.blobs, area) for area in areas]
        if self.spool is not None:
            places.insert(0, (self.spool, Area.ARTIFACTS))
        for blobs, area in places:
            for entry in blobs.entries(area, prefix[:2]):
                if entry.digest.hex.startswith(prefix):
                    yield entry.digest

    def holding(self, digest: Digest) -> VerifiedStore:
        """Where to read an artifact: what waits here need not be fetched, and may be nowhere else."""
        if self.spool is not None and self.spool.stat(digest) is not None:
            return VerifiedStore(self.spool)
        return self.store

    def originals(self) -> Originals:
        """To read artifacts that may be needed all at once: of this machine's copies those that are whole, the store's
        for the rest."""
        return Originals([*(VerifiedStore(copies) for copies in copies_here(self.url)), self.store])


def place_at(url: str) -> Place:
    """The store at *url*, a path or URL."""
    blobs = open_blobs(url)
    return Place(VerifiedStore(blobs), blobs, url, spooled(url))


def configured_url() -> str:
    """The store of the server, as its configuration has it."""
    return str(Configuration().store_url().value)


def place_of(options: argparse.Namespace) -> Place:
    """The store that ``--store`` names, or that of the server."""
    return place_at(options.store or configured_url())
