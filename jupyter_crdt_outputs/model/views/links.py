"""Where programs fetch what a view does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Links:
    """Where to fetch more: addresses with names in braces for what is to be put there, each percent-encoded.

    Attributes:
        artifact: of a part that has a digest and is not inline; ``{sha256}``, ``{mime}``.
        part: of any part; ``{cell}``, ``{output}``, ``{mime}``.
        image: of an output that has a picture, ``{cell}``, ``{output}``; smaller with ``&max_pixels=`` or
            ``&max_bytes=``.
        lines: of the text of an output, ``{cell}``, ``{output}``; with ``&from=&count=`` or ``&tail=``.
        search: in that text, ``{cell}``, ``{output}``, ``{q}``.
        stream: all text of a long stream; ``{stream}``.
    """

    artifact: str
    part: str
    image: str
    lines: str
    search: str
    stream: str

    @classmethod
    def below(cls, root: str, notebook: Mapping[str, str]) -> Links:
        """Those of one notebook.

        Args:
            root: the address of our interface, with a slash at its end.
            notebook: the parameter that names it, ``path`` or ``room``.
        """
        named = "&".join(f"{key}={quote(value)}" for key, value in notebook.items())
        output = f"{named}&cell={{cell}}&output={{output}}"
        return cls(
            f"{root}artifacts/{{sha256}}?type={{mime}}",
            f"{root}outputs/part?{output}&type={{mime}}",
            f"{root}outputs/image?{output}",
            f"{root}outputs/lines?{output}",
            f"{root}outputs/search?{output}&q={{q}}",
            f"{root}streams/{{stream}}",
        )


def fill(link: str, names: Mapping[str, str]) -> str:
    """An address of :class:`Links` with the names filled in."""
    for name, value in names.items():
        link = link.replace(f"{{{name}}}", quote(value, safe="/" if name == "mime" else ""))
    return link
