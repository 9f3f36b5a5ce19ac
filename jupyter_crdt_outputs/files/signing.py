"""The signature of a notebook, of whose outputs only references are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hmac import HMAC
from typing import Any

import nbformat
from nbformat.sign import yield_everything

from ..model.reference import REFERENCE_MIME_TYPE, BundleReference, reference_in

_DISPLAYS = ("display_data", "execute_result")

Restore = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def is_trusted(notary: Any, notebook: dict[str, Any], restores: Callable[[Mapping[str, Any]], bool]) -> bool:
    """Whether *notary* trusts the notebook as its file has it. Takes the marks of trust out of *notebook*, as it would.

    Args:
        notary: whose rules hold.
        notebook: in the document's form.
        restores: whether the file has the original of an output, and not the output itself.
    """
    cells = [
        {**cell, "outputs": [_for_check(output, restores(output)) for output in cell.get("outputs", ())]}
        if cell["cell_type"] == "code"
        else cell
        for cell in notebook["cells"]
    ]
    # The cells' metadata is shared, so that what is taken out of the copy is taken out of the notebook.
    checked = nbformat.NotebookNode({**notebook, "cells": cells})
    return bool(notary.check_cells(checked))


def signature_of(notary: Any, notebook: Mapping[str, Any], restore: Restore) -> str:
    """What ``NotebookNotary.compute_signature`` gives for the notebook as its file has it.

    Args:
        notary: its secret and its hash are used.
        notebook: in the document's form, without marks of trust.
        restore: gives an output as the file has it.
    """
    signature = HMAC(notary.secret, digestmod=notary.digestmod)
    for part in _everything(notebook, restore):
        signature.update(part)
    return signature.hexdigest()


def _everything(notebook: Mapping[str, Any], restore: Restore) -> Iterator[bytes]:
    """All keys and values in nbformat's order, with one output at a time in memory."""
    for key in sorted(notebook):
        yield key.encode()
        if key == "cells":
            for cell in notebook["cells"]:
                yield from _cell(cell, restore)
        elif key == "metadata":
            yield from yield_everything({name: notebook[key][name] for name in notebook[key] if name != "signature"})
        else:
            yield from yield_everything(notebook[key])


def _cell(cell: Mapping[str, Any], restore: Restore) -> Iterator[bytes]:
    for key in sorted(cell):
        yield key.encode()
        if key == "outputs":
            for output in cell["outputs"]:
                yield from yield_everything(restore(output))
        else:
            yield from yield_everything(cell[key])


def _for_check(output: Mapping[str, Any], is_restored: bool) -> dict[str, Any]:
    """Of an output in the file what decides whether it may be shown without trust: its type, and having data.

    The reference to a text is as harmless as the text, but only if nothing stands beside it that a server without this
    package would show: such a text leaves it when it is restored, and is signed when it stays.
    """
    reference = reference_in(output)
    if reference is not None and not isinstance(reference, BundleReference) and (is_restored or _is_plain(output)):
        return {"output_type": reference.kind}
    return dict.fromkeys(output) | {"output_type": output["output_type"]}


def _is_plain(output: Mapping[str, Any]) -> bool:
    return set(output["data"]) <= {REFERENCE_MIME_TYPE, "text/plain"}
