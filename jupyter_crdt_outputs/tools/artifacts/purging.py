"""``purge``."""

from __future__ import annotations

import argparse

from ...model.digest import Digest
from ...store.collection.purge import Purged
from ...store.collection.purge import purge as purge_one
from ...store.layout import Area
from ..asking import confirm
from ..output import count_text, print_json, size_text
from ..place import Place, place_of
from ..spool import copies_here

_INCOMPLETE = 1


def purge(options: argparse.Namespace) -> int:
    """Remove artifacts for good, wherever this machine can reach a copy, and have their bytes refused from now on."""
    place = place_of(options)
    digests = list(dict.fromkeys(place.find(text, tuple(Area)) for text in options.digests))
    size = sum(_size(place, digest) for digest in digests)
    confirm(
        options,
        f"Remove {count_text(len(digests), 'artifact')} of {size_text(size)} from {place.where} for good, and refuse "
        "the same bytes from now on?",
    )
    copies = copies_here(place.url)
    remove = [copy.remove for copy in copies]
    done = [purge_one(place.blobs, digest, reason=options.reason, elsewhere=remove) for digest in digests]
    _tell(options, place, done)
    return 0 if all(each.is_complete for each in done) else _INCOMPLETE


def _size(place: Place, digest: Digest) -> int:
    found = (place.blobs.entry(digest, area) for area in Area)
    return max((entry.size for entry in found if entry is not None), default=0)


def _tell(options: argparse.Namespace, place: Place, done: list[Purged]) -> None:
    if options.json:
        purged = [
            {
                "digest": each.digest.hex,
                "was_in": [area.name.lower() for area in each.areas],
                "complete": each.is_complete,
            }
            for each in done
        ]
        print_json({"store": place.where, "purged": purged})
        return
    for each in done:
        was = ", ".join(area.name.lower() for area in each.areas) or "nowhere in the store"
        print(f"{each.digest}  purged; it was in: {was}")
        if not each.is_complete:
            print("  a server had just written it and still has a copy of its own: purge it again in a minute")
    print("Saved notebooks that hold the output in full still do: clear it there too.")
