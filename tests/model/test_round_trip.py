"""What leaves the document comes back exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.validator import NotebookValidationError

from jupyter_crdt_outputs.errors import ArtifactMissing
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.encoding import decode, encode
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.model.restore import restore

from . import outputs as some

EXAMPLES = 5000 if os.environ.get("CRDT_OUTPUTS_LONG") else 300
policies = st.sampled_from([0, 16, 64, 4096]).map(lambda limit: Policy(document_max_bytes=limit))


def exact(value: Any) -> str:
    """Text that differs wherever two JSON values differ in value or type, so that 1 is not 1.0."""
    return json.dumps(value, sort_keys=True)


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.hostile_outputs, policies)
def test_restoring_an_offloaded_output_gives_the_very_same_output(output: dict[str, Any], policy: Policy) -> None:
    before = exact(output)
    offloaded = offload(output, policy)
    assert exact(output) == before, "the given output was changed"
    through_json = json.loads(json.dumps(offloaded.output))
    assert exact(restore(through_json, offloaded.artifacts.__getitem__)) == before


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.outputs, policies)
def test_what_stands_in_the_document_is_valid_nbformat_if_the_original_was(
    output: dict[str, Any], policy: Policy
) -> None:
    def is_valid(value: dict[str, Any]) -> bool:
        try:
            cell = nbformat.v4.new_code_cell(outputs=[value])
            nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
        except (nbformat.ValidationError, NotebookValidationError):
            return False
        return True

    if is_valid(output):
        assert is_valid(offload(output, policy).output)


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.mime_types, some.base64_texts | some.texts | some.json_values)
def test_every_value_survives_its_encoding_exactly(mime: str, value: Any) -> None:
    data, encoding = encode(mime, value)
    assert exact(decode(data, encoding)) == exact(value)


@given(st.binary(min_size=1, max_size=2000))
def test_an_image_is_stored_as_the_image_itself(data: bytes) -> None:
    spelled = decode(data, "base64")
    assert encode("image/png", spelled) == (data, "base64")
    assert encode("image/png", spelled + "\n") == (data, "base64-lf")


def test_the_same_output_gives_the_same_reference_in_another_process() -> None:
    program = (
        "import json, sys\n"
        "from jupyter_crdt_outputs.model.offload import offload\n"
        "from jupyter_crdt_outputs.model.policy import Policy\n"
        "output = {'output_type': 'display_data', 'metadata': {'b': 1, 'a': 2},\n"
        "          'data': {k: k * 3000 for k in {'text/html', 'text/plain', 'image/png', 'text/latex'}}}\n"
        "print(json.dumps(offload(output, Policy()).output))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in range(3)
    }
    results = [json.loads(run) for run in runs]
    assert all(result == results[0] for result in results)
    assert REFERENCE_MIME_TYPE in results[0]["data"]


@pytest.mark.parametrize("size", [0, 4096])
def test_a_part_up_to_the_limit_stays_and_a_larger_one_leaves(size: int) -> None:
    policy = Policy(document_max_bytes=size)
    for characters in (size, size + 1):
        output = {"output_type": "display_data", "data": {"text/html": "x" * characters}, "metadata": {}}
        assert (reference_in(offload(output, policy).output) is not None) == (characters > size)


def test_vega_leaves_however_small_and_a_widget_view_stays_however_large() -> None:
    data: dict[str, Any] = {
        "application/vnd.vegalite.v5+json": {"mark": "bar"},
        "application/vnd.jupyter.widget-view+json": {"model_id": "x" * 9000},
    }
    document = offload({"output_type": "display_data", "data": data, "metadata": {}}, Policy()).output["data"]
    assert "application/vnd.vegalite.v5+json" not in document
    assert "application/vnd.jupyter.widget-view+json" in document


def test_a_json_object_leaves_however_small_since_the_order_of_its_keys_is_shown() -> None:
    data: dict[str, Any] = {"application/json": {"b": 1, "a": 2}, "application/x-list+json": [1, 2]}
    offloaded = offload({"output_type": "display_data", "data": data, "metadata": {}}, Policy())
    assert "application/json" not in offloaded.output["data"]
    assert "application/x-list+json" in offloaded.output["data"]
    restored = restore(offloaded.output, offloaded.artifacts.__getitem__)
    assert list(restored["data"]["application/json"]) == ["b", "a"]


def test_a_reference_takes_a_few_hundred_bytes_whatever_it_stands_for() -> None:
    display = {"output_type": "display_data", "data": {"text/html": "<p>text</p>" * 100_000}, "metadata": {}}
    assert len(json.dumps(offload(display, Policy()).output)) < 500
    stream = {"output_type": "stream", "name": "stdout", "text": "a line of text\n" * 100_000}
    assert len(json.dumps(offload(stream, Policy()).output)) < len(stream["text"]) / 400


def test_a_missing_artifact_is_an_error_and_never_an_empty_output() -> None:
    def missing(digest: Digest) -> bytes:
        raise ArtifactMissing(digest.hex)

    document = offload({"output_type": "stream", "name": "stdout", "text": "x" * 9000}, Policy()).output
    with pytest.raises(ArtifactMissing):
        restore(document, missing)


def test_the_size_of_an_image_is_known_before_its_bytes_arrive() -> None:
    png = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000280000001e00802000000") + bytes(9000)
    output = {"output_type": "display_data", "data": {"image/png": decode(png, "base64")}, "metadata": {}}
    part = offload(output, Policy()).output["data"][REFERENCE_MIME_TYPE]["parts"]["image/png"]
    assert (part["width"], part["height"]) == (640, 480)
