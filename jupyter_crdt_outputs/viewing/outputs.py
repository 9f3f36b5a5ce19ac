"""Cells and outputs as :mod:`..model.views` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import CrdtOutputsError, public_text
from ..model.in_file import from_file
from ..model.plain_text import Excerpt, excerpt, plain
from ..model.reference import BundleReference, ErrorReference, LongStreamReference, Reference, reference_in
from ..model.views import MOST_OUTPUTS, CellView, OutputView
from .given import count, id_of, outputs_of, short
from .parts import parts_besides
from .texts import OutputText, Texts
from .values import joined

_SOURCE_CHARACTERS = 1 << 16
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
        state = short(given.get("execution_state"))
        return CellView(
            index,
            id_of(given),
            short(given.get("cell_type")) or "unknown",
            count(given.get("execution_count")),
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
        is_whole = found is not None and shown is not None and not shown.left_out
        parts = parts_besides(given, reference, None if found is None else found.mime, is_whole=is_whole)
        return OutputView(
            index,
            mime=None if found is None or found.mime == "text/plain" else found.mime,
            text=None if shown is None else shown.text,
            left_out=0 if shown is None else shown.left_out,
            size=None if found is None or found.stream is None else found.size,
            lines=reference.lines if isinstance(reference, LongStreamReference) else None,
            live=found is not None and found.log is not None and found.log.is_live,
            stream=None if found is None else found.stream,
            parts=tuple(sorted(parts, key=lambda part: part.mime))[:_MOST_PARTS],
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


def _named(output: Mapping[str, Any], reference: Reference | None) -> dict[str, Any]:
    """What an output is, and the names in it."""
    if isinstance(reference, ErrorReference):
        output = {"output_type": "error", "ename": reference.ename, "evalue": reference.evalue}
    elif reference is not None and not isinstance(reference, BundleReference):
        output = {"output_type": "stream", "name": reference.name}
    kind = short(output.get("output_type")) or "unknown"
    named: dict[str, Any] = {"type": kind}
    if kind == "stream":
        named["name"] = short(output.get("name"))
    elif kind == "error":
        named |= {
            "ename": short(output.get("ename")),
            "evalue": plain(joined(output.get("evalue"))[:_VALUE_CHARACTERS]),
        }
    return named
