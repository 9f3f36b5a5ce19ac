"""Names for the files of an archive: they say what is in each, and have nothing from a notebook that could do harm."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ...web.media_types import media_type_of

_LONGEST = 40


class FileNames:
    """Gives every name once. Names are of lower-case letters, digits, hyphens, dots, and one slash."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, mime: str, stem: str, extension: str | None = None) -> str:
        """A name for a file of a type, in the folder for such files.

        Args:
            mime: the type.
            stem: of the name.
            extension: of the name, with its dot; None for the usual one of the type.
        """
        path = PurePosixPath(_folder_of(mime), stem + (_extension_of(mime) if extension is None else extension))
        name, number = path, 1
        while str(name) in self._given:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}")
        self._given.add(str(name))
        return str(name)


def safe(text: str) -> str:
    """What of a name from a notebook may be in the name of a file."""
    parted = re.sub(r"[^a-z0-9]+", lambda found: "." if found[0] == "." else "-", text.lower())
    return parted[:_LONGEST].strip("-.")


def _folder_of(mime: str) -> str:
    if mime.startswith(("image/", "audio/", "video/")) or mime in ("text/html", "application/pdf"):
        return "figures"
    return "text" if mime.startswith("text/") else "data"


def _extension_of(mime: str) -> str:
    """With its dot; ``.plotly.v1.json`` for ``application/vnd.plotly.v1+json``."""
    minor = mime.partition("/")[2].partition(";")[0].lower()
    if minor.endswith("+json"):
        return f".{safe(minor.removesuffix('+json').removeprefix('vnd.'))}.json"
    known = media_type_of(mime).extension
    return known if known != ".bin" or not safe(minor) else f".{safe(minor)}"
