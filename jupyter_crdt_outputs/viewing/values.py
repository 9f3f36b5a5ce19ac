"""What stands in an output, as text; it may be anything at all."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup

from ..model.in_file import from_file
from ..model.reference import REFERENCE_MIME_TYPE, BundleReference, reference_in

_HTML_CHARACTERS = 1 << 16
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|caption|dd|div|dl|dt|fig.*|footer|form|h[1-6r]|header|li|main|nav|ol|p|pre"
    "|section|table|tr|ul"
)
_UNSEEN = ("script", "style", "head", "template")


def joined(value: Any) -> str:
    """A text of nbformat, which may be a list of lines; empty for anything else."""
    if isinstance(value, str):
        return value
    return "".join(line for line in value if isinstance(line, str)) if isinstance(value, list) else ""


def traceback_of(output: Mapping[str, Any]) -> str:
    """The traceback of an error output."""
    lines = output.get("traceback")
    return "\n".join(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else joined(lines)


def values_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """What an output holds itself, by MIME type: no reference, and no text that stands for what is elsewhere."""
    found = from_file(output).get("data")
    if not isinstance(found, Mapping):
        return {}
    reference = reference_in(output)
    own = isinstance(reference, BundleReference) and reference.preview
    return {
        mime: value
        for mime, value in found.items()
        if isinstance(mime, str) and mime != REFERENCE_MIME_TYPE and not (own and mime == "text/plain")
    }


def readable(mime: str, value: Any) -> str:
    """A value of a MIME bundle as text to be read."""
    if mime == "text/html":
        return _of_html(joined(value))
    if mime == "application/json":
        try:
            return json.dumps(value, ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return ""
    return joined(value)


def _of_html(markup: str) -> str:
    """What is to be read in HTML, or at its beginning: a line for each block, and for each row of a table."""
    beginning = markup[:_HTML_CHARACTERS]
    if "<" not in beginning:
        return html.unescape(beginning)
    # The element around it keeps the parser from taking it for XML, or for the name of a file, and saying so.
    soup = BeautifulSoup(f"<div>{beginning}</div>", "html.parser")
    for unseen in soup(_UNSEEN):
        unseen.clear()
    for cell in soup(["td", "th"]):
        cell.insert(0, " | ")
    for block in soup(lambda tag: _BLOCKS.fullmatch(tag.name) is not None):
        block.insert(0, "\n")
        block.append("\n")
    lines = (" ".join(line.split()).removeprefix("| ") for line in soup.get_text().split("\n"))
    text = "\n".join(line for line in lines if line)
    more = len(markup) - len(beginning)
    return f"{text}\n… and {more:,} further characters of HTML …" if more else text
