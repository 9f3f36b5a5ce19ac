"""Values that a notebook is run with, in the language of its kernel, as papermill spells them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ...client import Client
from ...model.executions import Selector
from ..refused import Refused

PARAMETERS = Selector("tag", "parameters")
"""The cell that gives the defaults, as papermill wants it."""

_WORDS = {"True": True, "False": False, "None": None}
_NAME = re.compile(r"[^\W\d][\w.]*")


def appendix(client: Client, path: str, kernel: str | None, given: Sequence[tuple[str, str]]) -> tuple[Selector, str]:
    """What is to be run after the cell that is tagged ``parameters``.

    The notebook stays as it is, for those who have it open and for its next run; what ran is in the execution's record.

    Args:
        client: of the server that has the notebook.
        path: of the notebook there.
        kernel: the kernelspec to be started, if not the notebook's own.
        given: names and values; ``True``, ``False``, ``None`` and numbers are what they look like, the rest is text.

    Raises:
        Refused: there is no such cell, papermill is not installed, or does not know the language.
    """
    for name, _ in given:
        if not _NAME.fullmatch(name):
            raise Refused(f"--param: {name!r} is not the name of a variable: give NAME=VALUE")
    notebook = client.notebook(path)
    if not any("parameters" in tags_of(cell) for cell in notebook["cells"]):
        raise Refused("--param: no cell is tagged `parameters`, after which the values would be set: tag one")
    metadata = notebook.get("metadata", {})
    described: Mapping[str, object] = metadata.get("kernelspec") or {}
    languages = client.kernel_languages()
    name = str(kernel or described.get("name") or "")
    language = languages.get(name) or str(described.get("language") or languages.get("", ""))
    return PARAMETERS, code_for(name, language, {name: value(text) for name, text in given})


def code_for(kernel: str, language: str, values: Mapping[str, object]) -> str:
    """Assignments, in the language of a kernel. Raises :class:`Refused` where papermill does not know it."""
    try:
        from papermill.exceptions import PapermillException
        from papermill.translators import papermill_translators
    except ImportError as error:
        raise Refused("--param needs papermill: pip install 'jupyter-crdt-outputs[papermill]'") from error
    for spelling in (language, language.lower()):
        with suppress(PapermillException):
            return str(papermill_translators.find_translator(kernel, spelling).codify(values))
    raise Refused(
        f"--param: papermill does not know how to set a variable in {language or 'the language of ' + kernel}"
    )


def value(text: str) -> object:
    """What a value on the command line is, by papermill's rule for ``-p``."""
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text


def tags_of(cell: object) -> Sequence[object]:
    """The tags of a cell of a notebook."""
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return tags if isinstance(tags, list) else ()
