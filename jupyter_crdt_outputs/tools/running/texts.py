"""Outputs that are no streams, as text for people."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...errors import CrdtOutputsError
from ...model.digest import Digest
from ...model.reference import BundleReference, ErrorReference, Part, reference_in
from ...model.restore import Read, restore
from ...model.sizes import size_text
from .sinks import without_escapes

_LONGEST_TEXT = 1 << 20
_TEXTS = ("text/plain", "text/markdown", "text/latex", "application/json", "text/html")
ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
"""Of the files of pictures."""

_NO_LINKS = ("", "dumb", "linux")


class Texts:
    """Makes text of outputs.

    Args:
        read: gives an artifact's verified bytes.
        images: a folder to write images to.
        url: of a server that has the artifacts and will be there afterwards, with a slash at its end.
    """

    def __init__(self, read: Read, images: Path | None, url: str | None = None) -> None:
        self._read = read
        self._images = images
        self._url = url
        self._is_terminal = sys.stdout.isatty()
        self._can_link = self._is_terminal and os.environ.get("TERM", "") not in _NO_LINKS

    def error(self, output: Mapping[str, Any]) -> str:
        """An error: its traceback, which names it."""
        try:
            whole = restore(output, self._read)
        except CrdtOutputsError as problem:
            reference = reference_in(output)
            known = f"{reference.ename}: {reference.evalue}" if isinstance(reference, ErrorReference) else "an error"
            return self._clean(f"{known}\n({problem})\n", sys.stderr.isatty())
        traceback = whole.get("traceback")
        text = "\n".join(map(str, traceback)) if isinstance(traceback, list) else ""
        name, value = whole.get("ename", ""), whole.get("evalue", "")
        said = text if text and str(name) in text else f"{text}\n{name}: {value}".lstrip("\n")
        return self._clean(said.rstrip("\n") + "\n", sys.stderr.isatty())

    def bundle(self, output: Mapping[str, Any]) -> str:
        """A display or a result: its plain text; images as links, or as files."""
        data: Mapping[str, Any] = output["data"] if isinstance(output.get("data"), Mapping) else {}
        reference = reference_in(output)
        parts = reference.parts if isinstance(reference, BundleReference) else {}
        images = [mime for mime in (*parts, *data) if mime.startswith("image/")]
        is_preview = isinstance(reference, BundleReference) and reference.preview  # names what the images say better
        has_text = "text/plain" in parts or ("text/plain" in data and not is_preview)
        said = [self._clean(self._text(data, parts), self._is_terminal)] if has_text or not images else []
        said += [self._image(mime, data.get(mime), parts.get(mime)) for mime in dict.fromkeys(images)]
        return "\n".join(text.rstrip("\n") for text in said if text) + "\n"

    def _text(self, data: Mapping[str, Any], parts: Mapping[str, Part]) -> str:
        for mime in _TEXTS[:3]:
            part = parts.get(mime)
            if part is not None and part.size <= _LONGEST_TEXT:
                return self._read(part.digest).decode("utf-8", "replace")
            if mime in data:
                return _joined(data[mime])
        kinds = [f"{mime}, {size_text(part.size)}" for mime, part in parts.items()]
        return f"[{'; '.join(kinds or [mime for mime in data if not mime.startswith('application/vnd.jupyter-crdt')])}]"

    def _image(self, mime: str, inline: object, part: Part | None) -> str:
        size = f", {part.width}x{part.height}" if part is not None and part.width else ""
        bytes_ = "" if part is None else f", {size_text(part.size)}"
        name = self._clean(f"[{mime}{size}{bytes_}]", keep_colours=False)
        if self._images is not None and mime in ENDINGS:
            try:
                content = base64.b64decode(_joined(inline)) if part is None else self._read(part.digest)
            except (CrdtOutputsError, binascii.Error) as error:
                return f"{name} {error}"
            self._images.mkdir(parents=True, exist_ok=True)
            file = self._images / (Digest.of(content).hex[:16] + ENDINGS[mime])
            file.write_bytes(content)
            return self._link(name, file.resolve().as_uri(), str(file))
        if part is None or self._url is None:
            return name
        url = f"{self._url}api/crdt-outputs/artifacts/{part.digest.hex}?type={quote(mime)}"
        return self._link(name, url, url)

    @staticmethod
    def _clean(text: str, keep_colours: bool) -> str:
        return without_escapes(text, keep_colours=keep_colours)

    def _link(self, text: str, url: str, shown: str) -> str:
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self._can_link else f"{text} {shown}"


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def is_error(output: Mapping[str, Any]) -> bool:
    """Whether an output is an error, or stands for one."""
    return output.get("output_type") == "error" or isinstance(reference_in(output), ErrorReference)
