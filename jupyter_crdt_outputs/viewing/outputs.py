"""Cells and outputs as :mod:`..model.views` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CrdtOutputsError, public_text
from ..model.digest import Digest
from ..model.encoding import encode
from ..model.in_file import from_file
from ..model.offload import dimensions
from ..model.plain_text import Excerpt, excerpt, plain
from ..model.reference import (
    BundleReference,
    ErrorReference,
    LongStreamReference,
    Part,
    Reference,
    StreamReference,
    reference_in,
)
from ..model.views import MOST_OUTPUTS, CellView, OutputView, PartView
from .texts import OutputText, Texts
from .values import joined, values_of

_SOURCE_CHARACTERS = 1 << 16
_NAME_CHARACTERS = 200
_VALUE_CHARACTERS = 500  # of the value of an error; a reference has as many, and the traceback all
_MOST_PARTS = 20

_NOT_READABLE = (CrdtOutputsError, ValueError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Text:
    """What there is to be read of an output, or why there is nothing."""

    found: OutputText | None
    shown: Excerpt | None
    note: str | None = None


class Viewer:
    """Makes views. Every method blocks on the store, and never fails for what is in a notebook.

    Args:
        texts: finds the text of outputs.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def cell(self, index: int, cell: Any, max_chars: int, *, with_source: bool = False) -> CellView:
        """One cell.

        Args:
            index: among all cells.
            cell: as it is in a document or a file; anything may be given.
            max_chars: of the text of each output.
            with_source: whether to give the source, too.
        """
        given: Mapping[str, Any] = cell if isinstance(cell, Mapping) else {}
        outputs = outputs_of(given)
        first = range(len(outputs)) if len(outputs) <= MOST_OUTPUTS else range(MOST_OUTPUTS // 2)
        last = range(max(first.stop, len(outputs) - MOST_OUTPUTS // 2), len(outputs))
        source = excerpt(joined(given.get("source")), _SOURCE_CHARACTERS) if with_source else None
        state = _short(given.get("execution_state"))
        return CellView(
            index,
            id_of(given),
            _short(given.get("cell_type")) or "unknown",
            _count(given.get("execution_count")),
            None if state in ("", "idle") else state,
            None if source is None else source.text,
            0 if source is None else source.left_out,
            tuple(self.output(number, outputs[number], max_chars) for number in (*first, *last)),
            last.start - first.stop,
        )

    def output(self, index: int, output: Any, max_chars: int) -> OutputView:
        """One output.

        Args:
            index: among the outputs of its cell.
            output: as it is in a document or a file; anything may be given.
            max_chars: of its text.
        """
        given: Mapping[str, Any] = output if isinstance(output, Mapping) else {}
        reference = reference_in(given)
        text = self._text(given, max_chars)
        found, shown = text.found, text.shown
        return OutputView(
            index,
            mime=None if found is None or found.mime == "text/plain" else found.mime,
            text=None if shown is None else shown.text,
            left_out=0 if shown is None else shown.left_out,
            size=None if found is None or found.stream is None else found.size,
            lines=reference.lines if isinstance(reference, LongStreamReference) else None,
            live=found is not None and found.log is not None and found.log.is_live,
            stream=None if found is None else found.stream,
            parts=tuple(sorted(_parts(given, reference, text), key=lambda part: part.mime))[:_MOST_PARTS],
            note=text.note,
            **_named(given, reference),
        )

    def _text(self, output: Mapping[str, Any], max_chars: int) -> _Text:
        try:
            found = self._texts.of(output)
            return _Text(found, None if found is None else found.excerpt(max_chars))
        except _NOT_READABLE as error:
            data = from_file(output).get("data")
            beside = joined(data.get("text/plain")) if isinstance(data, Mapping) else ""
            return _Text(
                None, excerpt(beside, max_chars), plain(f"the whole text cannot be had: {public_text(error)}")[:500]
            )


def outputs_of(cell: Any) -> list[Any]:
    """The outputs of a cell that may be anything."""
    outputs = cell.get("outputs") if isinstance(cell, Mapping) else None
    return outputs if isinstance(outputs, list) else []


def id_of(cell: Any) -> str:
    """What a cell can be called by; empty where it has no such thing."""
    name = cell.get("id") if isinstance(cell, Mapping) else None
    return name if isinstance(name, str) and _short(name) == name and not name.startswith("#") else ""


def inline_parts(output: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What stands in an output itself: MIME types, and bytes as an artifact would have them."""
    for mime, value in values_of(output).items():
        try:
            yield mime, encode(mime, value)[0]
        except (ValueError, TypeError, RecursionError):
            continue


def _named(output: Mapping[str, Any], reference: Reference | None) -> dict[str, Any]:
    """What an output is, and the names in it."""
    if isinstance(reference, ErrorReference):
        output = {"output_type": "error", "ename": reference.ename, "evalue": reference.evalue}
    elif reference is not None and not isinstance(reference, BundleReference):
        output = {"output_type": "stream", "name": reference.name}
    kind = _short(output.get("output_type")) or "unknown"
    named: dict[str, Any] = {"type": kind}
    if kind == "stream":
        named["name"] = _short(output.get("name"))
    elif kind == "error":
        named |= {
            "ename": _short(output.get("ename")),
            "evalue": plain(joined(output.get("evalue"))[:_VALUE_CHARACTERS]),
        }
    return named


def _parts(output: Mapping[str, Any], reference: Reference | None, text: _Text) -> Iterator[PartView]:
    """What there is to fetch besides what is shown already."""
    is_whole = text.found is not None and text.shown is not None and not text.shown.left_out
    seen = text.found.mime if text.found is not None and is_whole else None
    match reference:
        case BundleReference(parts=parts):
            yield from (_part(mime, part) for mime, part in parts.items() if _short(mime) == mime)
        case StreamReference(segments=(part,)) if not is_whole:
            yield _part("text/plain", part)
        case ErrorReference(part=part) if not is_whole:
            yield _part("application/json", part)
    if output.get("output_type") in ("stream", "error"):
        return
    for mime, data in inline_parts(output):
        if mime not in (seen, "text/plain") and _short(mime) == mime:
            width, height = dimensions(data) if mime.startswith("image/") else (None, None)
            yield PartView(mime, len(data), Digest.of(data).hex, width, height, inline=True)


def _part(mime: str, part: Part) -> PartView:
    return PartView(mime, part.size, part.digest.hex, part.width, part.height)


def _count(value: Any) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 2**53 else None


def _short(value: Any) -> str:
    return plain(joined(value)[: 2 * _NAME_CHARACTERS])[:_NAME_CHARACTERS]
