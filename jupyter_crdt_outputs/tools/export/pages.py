"""A notebook as a page of Markdown or HTML, by nbconvert, that refers to its figures and data as files."""

from __future__ import annotations

import html
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbconvert import HTMLExporter, MarkdownExporter

from ..output import size_text
from .extracts import Extract, Shown

_EXPORTERS: dict[str, Any] = {"markdown": MarkdownExporter, "html": HTMLExporter}
SUFFIXES = {"markdown": ".md", "html": ".html"}
_IMAGES = ("image/gif", "image/webp", "image/bmp")
"""What browsers show and nbconvert does not know."""


class Page:
    """One notebook in one format.

    Args:
        to: ``markdown`` or ``html``.
    """

    def __init__(self, to: str) -> None:
        self._exporter = _EXPORTERS[to]()
        self._is_html = to == "html"
        self._text_type = "text/html" if self._is_html else "text/markdown"
        # nbconvert's own order of types, and behind its pictures those that it does not know.
        order = list(self._exporter.default_config.NbConvertBase.display_data_priority)
        at = order.index("image/jpeg") + 1
        self._order = [*order[:at], *_IMAGES, *order[at:]]
        numbers = itertools.count(1)
        # By chance otherwise, and equal notebooks are to give equal pages.
        self._exporter.environment.globals["uuid4"] = lambda: f"output-{next(numbers)}"

    def write(self, notebook: Mapping[str, Any], title: str) -> bytes:
        """The page.

        Args:
            notebook: with outputs as :meth:`outputs` gives them.
            title: for people.
        """
        text, _ = self._exporter.from_notebook_node(
            nbformat.from_dict(notebook), resources={"metadata": {"name": title}}
        )
        return str(text).encode("utf-8", "replace")

    def outputs(self, shown: Shown) -> list[dict[str, Any]]:
        """What stands in the page for an output: nbconvert's choice among its types, and links to its files."""
        output, files = shown.output, shown.files
        if not files:
            return [output]
        if "data" not in output:
            return [output, self._links(files.values())]
        chosen = next((mime for mime in self._order if mime in files or mime in output["data"]), None)
        others = [file for mime, file in files.items() if mime != chosen]
        if chosen is None:
            return [self._links(others)]
        if chosen not in files:
            return [{**output, "data": {chosen: output["data"][chosen]}}, self._links(others)]
        text = self._shown(files[chosen], output.get("metadata", {}).get(chosen))
        return [{**output, "data": {self._text_type: text}, "metadata": {}}, *([self._links(others)] if others else [])]

    def _shown(self, file: Extract, metadata: Any) -> str:
        if file.mime.startswith("image/"):
            if not self._is_html:
                return f"![{_label(file)}]({file.name})"
            return f'<img src="{file.name}" alt="{_label(file)}"{_box(metadata)}>'
        if file.mime == "text/html" and self._is_html:
            frame = f'<iframe src="{file.name}" loading="lazy" style="width: 100%; height: 30em; border: 0"></iframe>'
            return f"{frame}\n<p>{self._link(file)}</p>"
        return self._link(file)

    def _links(self, files: Any) -> dict[str, Any]:
        links = ", ".join(map(self._link, files))
        text = f"<p>{links}</p>" if self._is_html else links
        return {"output_type": "display_data", "data": {self._text_type: text}, "metadata": {}}

    def _link(self, file: Extract) -> str:
        if self._is_html:
            return f'<a href="{file.name}">{_label(file)}</a> ({html.escape(size_text(file.size))})'
        return f"[{_label(file)}]({file.name}) ({size_text(file.size)})"


def with_attachments(cell: Mapping[str, Any], names: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A cell whose text refers to files where it referred to attachments.

    Args:
        cell: of Markdown.
        names: of each attachment, and of its file.
    """
    source = cell["source"]
    for name, file in sorted(names, key=lambda each: -len(each[0])):  # one may begin as another
        source = source.replace(f"attachment:{name}", file)
    return {**{key: value for key, value in cell.items() if key != "attachments"}, "source": source}


def _label(file: Extract) -> str:
    return file.name.partition("/")[2]


def _box(metadata: Any) -> str:
    """Width and height as the notebook says, if they are numbers."""
    if not isinstance(metadata, Mapping):
        return ""
    sizes = {name: metadata.get(name) for name in ("width", "height")}
    return "".join(
        f' {name}="{size:g}"' for name, size in sizes.items() if isinstance(size, int | float) and 0 < size < 1e6
    )
