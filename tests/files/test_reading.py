"""A notebook file that is cut before it is parsed is, cell by cell and output by output, the one nbformat reads."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_crdt_outputs.files import CannotCut, FileChanged, NotebookReading

from ..model.outputs import outputs

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
EXAMPLES = 3000 if LONG else 150
OUTPUTS = '\n   "outputs": [\n    {\n    }\n   ]'

hostile = st.sampled_from(
    [
        OUTPUTS,
        '"outputs": [',
        "]\n   ]\n  }",
        '\\"\\\\',
        "x" * 40_000,
        "x" * 40_000 + "\n",
        "é" * 20_000 + "\u2028" + "y" * 20_000,
        ("z" * 20_000 + "\n") * 3,
        "\x7f" * 17_000 + '"' + "\\" * 3,
    ]
)
hostile_outputs = st.one_of(
    hostile.map(lambda text: {"output_type": "stream", "name": "stdout", "text": text}),
    hostile.map(lambda text: {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}),
    hostile.map(
        lambda text: {"output_type": "display_data", "data": {"image/png": text, text[:99]: ""}, "metadata": {}}
    ),
    hostile.map(
        lambda text: {
            "output_type": "display_data",
            "data": {"application/json": {"outputs": [{"outputs": [text]}], "n": [[], {}, 1e300, 2**70]}},
            "metadata": {"outputs": [[]]},
        }
    ),
)
sources = st.sampled_from(["", "a\nb"]) | hostile
code = st.builds(
    lambda outputs, source, metadata: {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "source": source,
        "outputs": outputs,
    },
    st.lists(outputs | hostile_outputs, max_size=4),
    sources,
    st.sampled_from([{}, {"outputs": ["a"]}, {"trusted": True}]),
)
markdown = sources.map(lambda source: {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(True)})
notebooks = st.builds(
    lambda cells, metadata: {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4},
    st.lists(code | markdown, max_size=5),
    st.sampled_from([{}, {"outputs": [1]}]),
)
styles = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([1, 2, 4, "\t"]),
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
        "separators": st.sampled_from([(",", ": "), (",", ":"), (", ", " : ")]),
    }
)


@pytest.fixture(scope="module")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookNotary]:
    notary = NotebookNotary(data_dir=str(tmp_path_factory.mktemp("notary")), store_factory=MemorySignatureStore)
    yield notary
    notary.close()


def read(path: Path) -> tuple[dict[str, Any], NotebookReading]:
    """The notebook as it is put together from its parts."""
    reading = NotebookReading(path)
    notebook = copy.deepcopy(reading.notebook)
    for output in reading.outputs():
        notebook["cells"][output.cell]["outputs"].append(output.text.output())
    return notebook, reading


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notebook=notebooks, style=styles, newline=st.sampled_from(["\n", "\r\n"]))
def test_a_notebook_that_is_cut_is_the_one_that_nbformat_reads(
    notebook: dict[str, Any], style: dict[str, Any], newline: str, tmp_path: Path, notary: NotebookNotary
) -> None:
    text = json.dumps(notebook, **style).replace("\n", newline)
    path = tmp_path / "a.ipynb"
    try:
        path.write_bytes(text.encode())
    except UnicodeEncodeError:
        return  # half a character cannot be in a file but as an escape
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # it would write out what is not valid
    expected = nbformat.reads(text, as_version=4)
    try:
        found, reading = read(path)
    except CannotCut:
        assert not any(cell.get("outputs") for cell in expected["cells"]), "it was read as a whole without need"
        return
    signature = reading.signature(notary)
    assert reading.hash("sha256") == hashlib.sha256(path.read_bytes()).hexdigest()
    for output in reading.outputs():
        if output.length and output.text.is_exact():
            assert style["indent"] == 1
            assert newline == "\n"
    reading.close()
    assert found == expected
    assert json.dumps(found) == json.dumps(expected), "the order of keys, or the type of a number"
    try:
        assert signature == notary.compute_signature(expected)
    except UnicodeEncodeError:
        assert signature is None


ODD: dict[str, Callable[[str], str]] = {
    "minified": lambda text: json.dumps(json.loads(text)),
    "with a mark at its beginning": lambda text: "\ufeff" + text,
    "of the format before": lambda text: text.replace('"nbformat": 4', '"nbformat": 3'),
    "with outputs twice": lambda text: text.replace('"outputs"', '"outputs": [\n    1\n   ],\n   "outputs"', 1),
    "with outputs of a text cell": lambda text: text.replace('"code"', '"raw"', 1),
    "with something after its end": lambda text: text + "]",
    "that ends in the middle": lambda text: text[:-30],
}


@pytest.mark.parametrize("odd", ODD)
def test_a_file_that_cannot_be_proved_to_be_cut_rightly_is_left_to_a_reader_of_the_whole(
    odd: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(ODD[odd](json.dumps(PLAIN, indent=1)))
    with pytest.raises(CannotCut):
        NotebookReading(path)


def test_outputs_that_are_oddly_indented_are_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    odd = '{"output_type": "stream",\n    "name": "stdout", "text": "odd\\n    }"}'
    text = json.dumps(PLAIN, indent=1)
    for place in ('\n    {\n     "output_type": "stream"', '\n    {\n     "output_type": "error"'):
        path.write_text(text.replace(place, f"\n    {odd}, {place.strip()}"))
        found, reading = read(path)
        reading.close()
        assert found == nbformat.reads(path.read_text(), as_version=4)
        assert len(found["cells"][0]["outputs"]) == 4


@pytest.mark.parametrize("damage", [("}", ","), (": 1", ":"), ('"x', "x")])
def test_outputs_that_are_no_json_are_found_out(damage: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    text = json.dumps(PLAIN, indent=1)
    begin = text.index('"outputs"')
    path.write_text(text[:begin] + text[begin:].replace(*damage, 1))
    with pytest.raises(ValueError, match="cell 1"):
        read(path)


def test_a_file_that_is_written_meanwhile_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(PLAIN, indent=1))
    reading = NotebookReading(path)
    path.write_text(json.dumps(PLAIN, indent=1).replace("xxx", "yyyy"))
    with pytest.raises(FileChanged):
        list(reading.outputs())
    with pytest.raises(FileChanged):
        reading.hash("sha256")
    reading.close()


PLAIN: dict[str, Any] = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "source": "a",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "xxx"},
                {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "x"}, "metadata": {}},
                {"output_type": "error", "ename": "x", "evalue": "x", "traceback": ["x"]},
            ],
        }
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}
