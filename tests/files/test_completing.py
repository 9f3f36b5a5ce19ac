"""What is streamed is, byte for byte, what nbformat writes for the restored notebook; or it is no notebook at all."""

from __future__ import annotations

import base64
import copy
import io
import itertools
import json
import os
import random
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import ArtifactCorrupt, ArtifactMissing, InvalidReference, LogMissing
from jupyter_crdt_outputs.files.completing import Completing
from jupyter_crdt_outputs.files.json_text import JsonText
from jupyter_crdt_outputs.files.lacks import Incomplete
from jupyter_crdt_outputs.model.offload import log_output
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.layout import key_of

from .test_notebook_files import code, notebooks, of, stream

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
EXAMPLES = 2000 if LONG else 50
ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def display(**data: Any) -> dict[str, Any]:
    data = {name.replace("__", "+").replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def written(notebook: dict[str, Any]) -> bytes:
    file = io.StringIO()
    nbformat.write(nbformat.from_dict(copy.deepcopy(notebook)), file)
    return file.getvalue().encode()


def completed(notebook: dict[str, Any], store: ArtifactStore) -> bytes:
    file = io.BytesIO()
    completing = Completing(notebook, store)
    assert completing.lacks() == completing.lacks(proven=True) == []
    assert completing.write_to(file) == len(file.getvalue())
    return file.getvalue()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(open_store(str(tmp_path_factory.mktemp("store"))), Policy(16))


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notebook=notebooks)
def test_the_bytes_are_those_of_nbformat_for_any_notebook(notebook: dict[str, Any], archive: Archive) -> None:
    try:
        expected = written(notebook)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            list(Completing(archive.offload_notebook(notebook), archive.store).pieces())
        return
    assert completed(archive.offload_notebook(notebook), archive.store) == expected


texts = st.text(st.sampled_from(f'{ENDS}ab"\\/\t\b\x00\x1b\x7fé𝄞'), max_size=40)


@settings(deadline=None, max_examples=10 * EXAMPLES)
@given(text=texts, between=st.sampled_from([b"", b'",\n      "']), cuts=st.lists(st.integers(0, 80), max_size=5))
def test_a_text_is_the_same_json_however_it_is_cut(text: str, between: bytes, cuts: list[int]) -> None:
    data = text.encode()
    lines = text.splitlines(True) if between else [text]
    expected = between.join(json.dumps(line, ensure_ascii=False)[1:-1].encode() for line in lines)
    json_text = JsonText(between)
    ends = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    found = b"".join(json_text.feed(data[start:stop]) for start, stop in itertools.pairwise(ends))
    assert found + json_text.end() == expected


def test_a_text_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidReference):
        JsonText().feed(b"ab\xff")
    text = JsonText()
    assert text.feed("aé".encode()[:-1]) == b"a"
    with pytest.raises(InvalidReference):
        text.end()


def test_long_streams_and_large_files_are_the_same_in_every_spelling(archive: Archive) -> None:
    noise = random.Random(1)
    data = noise.randbytes(9_000_000)  # more than one slice
    lines = "".join(f"{number} é\x1b[0m {noise.choice(ENDS)}" for number in range(400_000))
    notebook = of(
        code(stream(lines), stream("x" * 3_000_000), stream("\r\n" * 1_100_000)),
        code(
            display(image_png=base64.b64encode(data).decode(), text_plain="a\nb"),
            display(image_png=base64.b64encode(data).decode() + "\n", text_html="<p>\n" * 3_000_000),
            display(image_png=base64.encodebytes(data).decode(), image_svg__xml="<svg>\n</svg>" * 1000),
            display(application_pdf=base64.b64encode(data[:-1]).decode(), application_json={"b": [1, {"a": None}]}),
        ),
        {"cell_type": "markdown", "metadata": {}, "source": "a\nb"},
    )
    assert completed(archive.offload_notebook(notebook), archive.store) == written(notebook)


def test_the_form_that_nbformat_reads_from_a_file_is_completed_too(archive: Archive) -> None:
    notebook = of(code(stream("x\n" * 5000), display(text_html="<p>\n" * 5000)))
    notebook["nbformat_minor"] = 5
    notebook["cells"][0]["id"] = "a"
    file = written(archive.offload_notebook(notebook))
    assert REFERENCE_MIME_TYPE.encode() in file
    assert completed(nbformat.reads(file.decode(), 4), archive.store) == written(notebook)


@pytest.fixture
def own(tmp_path: Path) -> Archive:
    return Archive(open_store(str(tmp_path / "store")), Policy(256))


def test_what_is_missing_is_named_with_its_cell_and_output_before_anything_is_written(own: Archive) -> None:
    notebook = own.offload_notebook(
        of(code(stream("here")), code(stream("1" * 500), stream("2" * 500), stream("3" * 500)))
    )
    notebook["cells"][1]["id"] = "abc"
    for output in notebook["cells"][1]["outputs"][1:]:
        [digest] = reference_in(output).digests  # type: ignore[union-attr]
        own.store.delete(digest)
    completing = Completing(notebook, own.store)
    lacks = completing.lacks()
    assert [str(lack.where) for lack in lacks] == ["cell 2 (id abc), output 2", "cell 2 (id abc), output 3"]
    assert all(isinstance(lack.error, ArtifactMissing) for lack in lacks)
    with pytest.raises(Incomplete) as raised:
        list(completing.pieces())
    assert raised.value.gravest.exit_code == 3
    assert "cell 2 (id abc), output 2" in str(raised.value)


def test_what_is_corrupt_ends_the_stream_and_is_found_by_proof(own: Archive, tmp_path: Path) -> None:
    notebook = own.offload_notebook(of(code(stream("1" * 500)), code(stream("ab" * 2_000_000))))
    index = reference_in(notebook["cells"][1]["outputs"][0]).index  # type: ignore[union-attr]
    [*_, last] = re.findall(rb"[0-9a-f]{64}", own.store.get(index.digest))
    digest = next(digest for digest in own.store.digests() if digest.hex == last.decode())
    (tmp_path / "store" / key_of(digest)).write_bytes(b"c" * own.store.size(digest))
    completing = Completing(notebook, own.store)
    assert completing.lacks() == []
    [lack] = completing.lacks(proven=True)
    assert isinstance(lack.error, ArtifactCorrupt)
    with pytest.raises(Incomplete) as raised:
        list(completing.pieces())
    assert isinstance(raised.value.gravest, ArtifactCorrupt)
    assert str(raised.value).startswith("cell 2, output 1: ")


@pytest.mark.parametrize(
    ("reference", "error"),
    [({"kind": "of tomorrow"}, InvalidReference), ({"kind": "stream", "name": "stdout", "log": "0" * 32}, LogMissing)],
)
def test_what_cannot_be_restored_by_this_version_or_yet_is_lacking(
    own: Archive, reference: dict[str, Any], error: type[Exception]
) -> None:
    output = log_output("stdout", "0" * 32, b"")
    output["data"][REFERENCE_MIME_TYPE] = reference
    [lack] = Completing(of(code(output)), own.store).lacks()
    assert isinstance(lack.error, error)


def test_what_is_given_up_is_written_as_the_placeholder_and_the_rest_is_whole(own: Archive) -> None:
    original = of(code(stream("1" * 500), stream("2" * 500)), code(stream("1" * 500)))
    notebook = own.offload_notebook(original)
    second = notebook["cells"][0]["outputs"][1]
    own.store.delete(reference_in(second).digests[0])  # type: ignore[union-attr]
    completing = Completing(notebook, own.store)
    completing.give_up(completing.lacks(proven=True), lambda output, lack: output)
    assert completing.lacks() == []
    original["cells"][0]["outputs"][1] = second
    assert b"".join(completing.pieces()) == written(original)
