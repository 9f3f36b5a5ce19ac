"""The notebooks, each with a name."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .cells import METADATA, code, markdown, notebook, old, raw
from .outputs import BULK, display, error, invalid_outputs, png, result, stream, valid_outputs
from .spelling import SPELLINGS, as_nbformat, as_stock_saves

_STRANGE = ("invalid", "half a character", "no number")


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A file that somebody called ``.ipynb``.

    Attributes:
        name: what is special about it, in words.
        data: its bytes.
    """

    name: str
    data: bytes

    @property
    def file_name(self) -> str:
        """For a file of its own."""
        return "".join(each if each.isalnum() else "-" for each in self.name) + ".ipynb"


def collection(seed: int = 0) -> list[NotebookFile]:
    """All of them, the same for the same seed."""
    files = [NotebookFile(name, data) for name, data in _all(random.Random(seed))]
    assert len({file.file_name for file in files}) == len(files)
    return files


def chosen(seed: int = 0) -> list[NotebookFile]:
    """All of them with ``CRDT_OUTPUTS_LONG=1``; else some, since each notebook with everything has all outputs."""
    files = collection(seed)
    if os.environ.get("CRDT_OUTPUTS_LONG") == "1":
        return files
    strange = [file for file in files if file.name.startswith(_STRANGE)]
    others = [
        file for file in files if not file.name.startswith((*_STRANGE, "output: ", "everything, ", "one thousand"))
    ]
    whole = [file for file in files if file.name in ("everything, as stock saves it", "everything, keys in no order")]
    return others + whole + strange[::4]


def _all(seed: random.Random) -> Iterator[tuple[str, bytes]]:
    for name, output in valid_outputs(seed).items():
        yield f"output: {name}", as_nbformat(notebook(code(output), markdown()))
    for name, value in _structures(seed):
        yield name, as_nbformat(value)
    all_but_huge = {name: output for name, output in valid_outputs(seed).items() if len(str(output)) < 100_000}
    everything = notebook(*(code(output, source=name) for name, output in all_but_huge.items()))
    for name, spelled in SPELLINGS.items():
        yield f"everything, {name}", spelled(everything)
    yield from _of_versions(seed)
    for name, output in invalid_outputs(seed).items():
        yield f"invalid output: {name}", as_nbformat(notebook(code(output, display({"text/html": "h" * BULK}))))
    yield from _invalid()
    yield from _hardly_json()


def _structures(seed: random.Random) -> Iterator[tuple[str, Any]]:
    picture = display({"image/png": base64.b64encode(png(seed)).decode()})
    long = stream("s" * BULK)
    attached = {"image.png": {"image/png": base64.b64encode(png(seed)).decode()}, "é x": {"text/plain": "a"}}
    yield "empty", notebook()
    yield "empty, without metadata", notebook(metadata={})
    yield "one empty cell", notebook(code(source=""))
    yield "one thousand cells", notebook(*(code(stream(f"{n}\n"), source=f"print({n})") for n in range(1000)))
    yield "many outputs in a cell", notebook(code(*(stream(f"{n}", ("stdout", "stderr")[n % 2]) for n in range(200))))
    yield "two streams of one name", notebook(code(stream("a\n"), stream("b\n"), long, long))
    yield "equal outputs", notebook(code(picture, picture), code(picture))
    yield (
        "attachments",
        notebook(markdown("![a](attachment:image.png)", attachments=attached), raw(attachments=attached)),
    )
    yield "sources in lines", notebook(code(picture, source=["a = 1\n", "b"]), markdown(["# T\n", "\n", "x"]))
    yield (
        "sources with odd ends",
        notebook(*(code(source=each) for each in ("\n", "a\n\n", "\r\n", "a\rb", "\t", "\0"))),
    )
    yield "source of emoji", notebook(code(picture, source="'👩‍🚀é\u0301漢字'\n" * 3))
    yield "source of one long line", notebook(code(picture, source="x" * 300_000))
    yield "no execution count", notebook(code(picture, execution_count=None))
    yield "ids that are odd", notebook(*(code(long, id=each) for each in ("-", "_" * 64, "0", "A-b_C")))
    yield (
        "metadata of cells",
        notebook(
            code(
                long,
                metadata={"collapsed": True, "scrolled": "auto", "jupyter": {"outputs_hidden": True}, "tags": ["a"]},
            ),
            code(
                metadata={
                    "execution": {"iopub.status.busy": "2024-01-01T00:00:00.000Z"},
                    "scrolled": False,
                    "name": "n",
                }
            ),
            code(picture, metadata={"id": "colab1", "colab": {"base_uri": "https://x/"}, "outputId": "9f"}),
            code(metadata={"vscode": {"languageId": "sql"}, "trusted": True, "editable": False, "deletable": False}),
            code(metadata={"deep": {"a": [{"b": {"c": [[[{}]]]}}], "é": "ü"}, "empty": {}, "none": None, "n": 1.5}),
            markdown(metadata={"slideshow": {"slide_type": "slide"}, "slide": [1, 2.0, 2**53]}),
        ),
    )
    yield (
        "metadata of the notebook",
        notebook(
            code(picture),
            metadata={
                **METADATA,
                "colab": {"provenance": [], "toc_visible": True},
                "vscode": {"interpreter": {"hash": "a" * 64}},
                "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"m": {}}, "version_major": 2}},
                "crdt-outputs": {"file_max_bytes": "not a number"},
                "jupytext": {"formats": "ipynb,py:percent"},
                "title": "Ünïcode 漢字",
                "signature": "sha256:0",
                "orig_nbformat": 4,
            },
        ),
    )
    yield "metadata that is huge", notebook(code(picture), metadata={**METADATA, "blob": {"text": "m" * 1_000_000}})
    yield "metadata with large numbers", notebook(code(long), metadata={**METADATA, "n": [2**53 + 1, 2**63 - 1]})
    yield "metadata with fractions", notebook(code(long), metadata={**METADATA, "n": [5.0, 1e22, 0.1, -0.0]})
    yield "no kernelspec", notebook(code(picture), metadata={"language_info": {"name": "R"}})
    yield (
        "a kernel that is not there",
        notebook(code(picture), metadata={"kernelspec": {"name": "x", "display_name": "X"}}),
    )


def _of_versions(seed: random.Random) -> Iterator[tuple[str, bytes]]:
    texts = {"text/html": "h" * BULK, "text/plain": "p"}
    picture = base64.b64encode(png(seed)).decode()
    for minor in range(5):
        plain = notebook(code(result(texts), display({"image/png": picture})), markdown(), raw(), minor=minor)
        yield f"version 4.{minor}", as_stock_saves(plain)
    yield "version 4.4 with ids", as_nbformat(notebook(code(result(texts), id="a"), minor=4))
    yield "version 4.5 without ids", as_nbformat(notebook(code(result(texts)), markdown(), numbered=False))
    yield "version 4.9", as_nbformat(notebook(code(result(texts)), minor=9))
    yield "version 4.9 with a new key", as_nbformat(notebook(code(result(texts), colour="red"), minor=9, theme="dark"))
    text_outputs = [
        {"output_type": "stream", "stream": "stdout", "text": ["a\n", "b" * BULK]},
        {"output_type": "pyout", "prompt_number": 3, "text": "1", "html": ["<b>\n", "h" * BULK], "metadata": {}},
        {"output_type": "display_data", "png": picture, "svg": ["<svg>\n", "</svg>"], "metadata": {}},
        {"output_type": "display_data", "json": '{"a": 1}', "latex": "$x$", "javascript": "1", "metadata": {}},
        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t" * BULK]},
    ]
    yield "version 3", as_nbformat(old(3, text_outputs))
    yield "version 3 on one line", json.dumps(old(3, text_outputs)).encode()
    yield "version 2", as_nbformat(old(2, text_outputs))
    yield "version 5", as_nbformat(notebook(code(result(texts)), nbformat=5))
    yield "version in a string", as_nbformat(notebook(code(result(texts)), nbformat="4"))


def _invalid() -> Iterator[tuple[str, bytes]]:
    held = code(display({"text/html": "h" * BULK}))
    strange: dict[str, Any] = {
        "ids that are equal": notebook({**held, "id": "same"}, {**held, "id": "same"}, markdown(id="same")),
        "ids that are empty or not allowed": notebook({**held, "id": ""}, {**held, "id": "a b/é"}, code(id="x" * 65)),
        "id that is a number": notebook({**held, "id": 5}),
        "id that is null": notebook({**held, "id": None}),
        "unknown cell type": notebook(held, {"cell_type": "sql", "metadata": {}, "source": "select 1"}),
        "cell without a type": notebook(held, {"metadata": {}, "source": "a"}),
        "cell without a source": notebook(held, {"cell_type": "code", "metadata": {}, "outputs": []}),
        "cell without metadata": notebook({key: value for key, value in held.items() if key != "metadata"}),
        "cell without outputs": notebook(held, {"cell_type": "code", "metadata": {}, "source": "a"}),
        "cell without an execution count": notebook({key: held[key] for key in held if key != "execution_count"}),
        "cell with another key": notebook({**held, "colour": "red"}),
        "cell that is a string": notebook(held, "a cell"),
        "cell that is null": notebook(held, None),
        "outputs that are null": notebook(held, {**held, "outputs": None}),
        "outputs that are an object": notebook(held, {**held, "outputs": {}}),
        "output that is a string": notebook(held, code("output")),
        "source that is a number": notebook(held, code(source=5)),
        "metadata that is a list": notebook(held, code(metadata=[])),
        "count that is a string": notebook({**held, "execution_count": "1"}),
        "count that is a fraction": notebook({**held, "execution_count": 1.5}),
        "markdown with outputs": notebook(markdown(outputs=[stream("o" * BULK)], execution_count=3)),
        "code with attachments": notebook({**held, "attachments": {}}),
        "notebook with another key": notebook(held, colour="red"),
        "no cells": {"metadata": {}, "nbformat": 4, "nbformat_minor": 5},
        "cells that are an object": notebook(cells={}),
        "no metadata": {"cells": [held], "nbformat": 4, "nbformat_minor": 4},
        "no minor version": {"cells": [held], "metadata": {}, "nbformat": 4},
        "no version": {"cells": [held], "metadata": {}},
    }
    for name, value in strange.items():
        yield f"invalid: {name}", as_nbformat(value)


def _hardly_json() -> Iterator[tuple[str, bytes]]:
    """What JSON can hold, or Python takes for JSON, and other programs may not."""
    half, not_number = "\ud83d", float("nan")
    for name, text in {"short": half, "long": half + "x" * BULK}.items():
        yield f"half a character in a {name} stream", as_nbformat(notebook(code(stream(text))))
        yield f"half a character in a {name} bundle", as_nbformat(notebook(code(display({"text/html": text}))))
        yield f"half a character in a {name} error", as_nbformat(notebook(code(error([text]))))
    yield "half a character in a source", as_nbformat(notebook(code(source=half)))
    yield "half a character in metadata", as_nbformat(notebook(code(metadata={"a": half})))
    for name, more in {"short": {}, "long": {"pad": "x" * BULK}}.items():
        value = {"n": [not_number, float("inf"), -float("inf")], **more}
        yield f"no number in a {name} bundle", as_nbformat(notebook(code(display({"application/json": value}))))
    yield "no number in metadata", as_nbformat(notebook(code(metadata={"a": not_number})))
    deep = b"[" * 3000 + b"]" * 3000
    holder = as_nbformat(notebook(code(display({"application/json": {"a": "HERE"}}))))
    yield "json that is too deep", holder.replace(b'"HERE"', deep)
    huge = notebook(code(display({"application/json": {"n": 2**70, "pad": "x" * BULK}})))
    yield "a number of more than 64 bits", as_nbformat(huge)
    yield "a key twice", holder.replace(b'"a": "HERE"', b'"a": 1, "a": 2')
    yield "not JSON", b"{" + b"x" * BULK
    yield "half of a notebook", holder[: len(holder) // 2]
    yield "an empty file", b""
    yield "a list", b"[]\n"
    yield "bytes that are no text", b'{"cells": "\xff\xfe"}'
