"""The signature of a notebook, of whose outputs only references are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hmac import HMAC
from typing import Any

from nbformat.sign import yield_everything

from ..model.reference import REFERENCE_MIME_TYPE, BundleReference, reference_in
from .pieces import OutputPiece

Signed = bytes | OutputPiece
"""What a signature takes: bytes, and outputs of which it takes all that the file has."""

Restore = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def signature_of(notary: Any, parts: Iterable[Signed], restore: Restore) -> str:
    """What ``NotebookNotary.compute_signature`` gives for a notebook as its file has it.

    Args:
        notary: its secret and its hash are used.
        parts: see :func:`signed_notebook`.
        restore: gives an output as the file has it.

    Raises:
        UnicodeEncodeError: half a character cannot be signed.
    """
    signature = HMAC(notary.secret, digestmod=notary.digestmod)
    for part in parts:
        if isinstance(part, bytes):
            signature.update(part)
        else:
            for each in yield_everything(restore(part.output)):
                signature.update(each)
    return signature.hexdigest()


def signed_notebook(notebook: Mapping[str, Any], cells: Iterable[Iterable[Signed]]) -> Iterator[Signed]:
    """All keys and values of a notebook in nbformat's order.

    Args:
        notebook: in any form.
        cells: what is taken of each of its cells; see :func:`signed_cell`.

    Raises:
        UnicodeEncodeError: half a character cannot be signed.
    """
    for key in sorted(notebook):
        yield key.encode()
        if key == "cells":
            for cell in cells:
                yield from cell
        elif key == "metadata":
            yield from yield_everything({name: notebook[key][name] for name in notebook[key] if name != "signature"})
        else:
            yield from yield_everything(notebook[key])


def signed_cell(cell: Mapping[str, Any], pieces: Sequence[OutputPiece | None]) -> Iterator[Signed]:
    """All keys and values of a cell, without the mark of trust that a ``NotebookNotary`` takes out of it.

    Args:
        cell: as its file has it, but for those outputs that have a piece.
        pieces: of its outputs; empty when none has one.

    Raises:
        UnicodeEncodeError: half a character cannot be signed.
    """
    for key in sorted(cell):
        yield key.encode()
        if key == "outputs" and pieces:
            for output, piece in zip(cell["outputs"], pieces, strict=True):
                if piece is None:
                    yield from yield_everything(output)
                else:
                    yield piece
        elif key == "metadata" and cell["cell_type"] == "code":
            yield from yield_everything({name: value for name, value in cell[key].items() if name != "trusted"})
        else:
            yield from yield_everything(cell[key])


def shown_cell(cell: Mapping[str, Any], pieces: Sequence[OutputPiece | None]) -> dict[str, Any]:
    """What decides whether a cell may be shown without trust: of its outputs, the types, and having data.

    Args:
        cell: as its file has it, but for those outputs that have a piece.
        pieces: of its outputs; empty when none has one.
    """
    if cell["cell_type"] != "code":
        return dict(cell)
    outputs = cell.get("outputs", ())
    in_file = pieces or [None] * len(outputs)
    shown = [_shown(output, piece is not None) for output, piece in zip(outputs, in_file, strict=True)]
    return {**cell, "outputs": shown}


def _shown(output: Mapping[str, Any], is_restored: bool) -> dict[str, Any]:
    """The reference to a text is as harmless as the text, but only if nothing stands beside it that a server without
    this package would show: such a text leaves it when it is restored, and is signed when it stays.
    """
    reference = reference_in(output)
    if reference is not None and not isinstance(reference, BundleReference) and (is_restored or _is_plain(output)):
        return {"output_type": reference.kind}
    return dict.fromkeys(output) | {"output_type": output["output_type"]}


def _is_plain(output: Mapping[str, Any]) -> bool:
    return set(output["data"]) <= {REFERENCE_MIME_TYPE, "text/plain"}
