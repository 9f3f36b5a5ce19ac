"""``pin``, ``unpin`` and, of artifacts, ``restore``: what is to stay."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ...errors import ArtifactMissing
from ...model.digest import Digest
from ...store.collection import pins
from ...store.layout import Area
from ..configuration import Configuration
from ..notebooks.contents import contents
from ..output import count_text, print_json, time_json
from ..place import Place, place_of
from ..refused import Refused


def pin(options: argparse.Namespace) -> int:
    """Keep artifacts whatever refers to them; without any, list what is pinned."""
    place = place_of(options)
    if not options.digests and not options.notebooks:
        return _list(place, options)
    done, missing = [], []
    for digest, is_needed in _named(place, options):
        try:
            place.holding(digest).size(digest)  # which also brings it back from the trash
        except ArtifactMissing:
            missing += [digest] if is_needed else []
            continue
        pins.pin(place.blobs.records, digest, options.reason)
        done.append(digest)
    return _tell(options, "pinned", done, missing)


def unpin(options: argparse.Namespace) -> int:
    """Let pinned artifacts go as others do."""
    place = place_of(options)
    if not options.digests and not options.notebooks:
        raise Refused("give the digests, or the notebook, whose artifacts are no longer to be kept")
    pinned = pins.pins_of(place.blobs.records)
    wanted = {digest for digest, _ in _named(place, options, among=pinned)}
    done = sorted(wanted & pinned)
    for digest in done:
        pins.unpin(place.blobs.records, digest)
    return _tell(options, "unpinned", done, [])


def bring_back(options: argparse.Namespace, digests: Sequence[str]) -> int:
    """Move artifacts from the trash back into the store, by which they are as young as new ones.

    Args:
        options: ``all`` of them, or those below.
        digests: or their beginnings.
    """
    place = place_of(options)
    if bool(digests) == options.all:
        raise Refused("give the digests of what is to come back from the trash, or --all")
    if options.all:
        wanted = [entry.digest for entry in place.blobs.entries(Area.TRASH)]
    else:
        wanted = [place.find(text, (Area.TRASH, Area.ARTIFACTS)) for text in digests]
    done, missing = [], []
    for digest in wanted:
        if place.blobs.move(digest, Area.TRASH, Area.ARTIFACTS):
            done.append(digest)
        elif place.blobs.stat(digest) is None:
            missing.append(digest)
    return _tell(options, "restored", done, missing)


def _named(
    place: Place, options: argparse.Namespace, among: set[Digest] | None = None
) -> Iterator[tuple[Digest, bool]]:
    """The digests that were asked for, and whether nobody but the store could have them."""
    for text in options.digests:
        found = {digest for digest in among or () if digest.hex.startswith(text.lower())}
        yield found.pop() if len(found) == 1 else place.find(text), True
    policy = Configuration().policy()
    for path in options.notebooks:
        notebook = contents(path, policy, place.store.get)
        if notebook.problem and not notebook.artifacts:
            raise Refused(f"{path} cannot be read as a notebook: {notebook.problem}")
        yield from ((digest, not each.in_file) for digest, each in notebook.artifacts.items())


def _list(place: Place, options: argparse.Namespace) -> int:
    found = [_read(place, digest) for digest in sorted(pins.pins_of(place.blobs.records))]
    if options.json:
        print_json({"store": place.where, "pins": found})
        return 0
    for each in found:
        print("  ".join(filter(None, (each["digest"], each["pinned"], each["reason"]))))
    return 0


def _read(place: Place, digest: Digest) -> dict[str, Any]:
    content: dict[str, Any] = {}
    with suppress(ValueError, TypeError):
        content = dict(json.loads(place.blobs.records.read(pins.KIND, digest.hex) or b"{}"))
    pinned = content.get("pinned")
    return {
        "digest": digest.hex,
        "pinned": time_json(pinned) if isinstance(pinned, int | float) else None,
        "reason": str(content.get("note", "")),
    }


def _tell(options: argparse.Namespace, what: str, done: list[Digest], missing: list[Digest]) -> int:
    if options.json:
        print_json({what: [digest.hex for digest in done], "missing": [digest.hex for digest in missing]})
    else:
        print(f"{count_text(len(done), 'artifact')} {what}")
        for digest in missing:
            print(f"{digest}  missing")
    return ArtifactMissing.exit_code if missing else 0
