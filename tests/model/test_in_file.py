"""What a file has beside a reference says what is not there, and is gone when the file is opened or restored."""

from __future__ import annotations

import json
import os
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.in_file import from_file, to_file
from jupyter_crdt_outputs.model.offload import log_output, offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import (
    BundleReference,
    ErrorReference,
    LogReference,
    LongStreamReference,
    Part,
    StreamReference,
    reference_in,
)
from jupyter_crdt_outputs.model.restore import restore

from . import outputs as some

EXAMPLES = 3000 if os.environ.get("CRDT_OUTPUTS_LONG") else 200
DIGEST = Digest.of(b"")


def lines_of(output: dict[str, Any]) -> dict[str, Any]:
    """With its texts as lists of lines, as files have them."""
    data = {
        mime: value.splitlines(keepends=True) if isinstance(value, str) and not mime.endswith("json") else value
        for mime, value in output["data"].items()
    }
    return {**output, "data": data}


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.outputs, st.sampled_from([0, 16, 256]))
def test_the_document_has_the_same_before_it_was_saved_and_after_it_was_opened(
    output: dict[str, Any], limit: int
) -> None:
    policy = Policy(limit)
    offloaded = offload(output, policy)
    reference = reference_in(offloaded.output)
    if reference is None:
        assert to_file(offloaded.output) == offloaded.output
        return
    pictures = {"image/png": "c21hbGw="} if "image/png" in getattr(reference, "parts", {}) else {}
    in_file = to_file(offloaded.output, pictures)
    assert from_file(in_file) == offloaded.output == offload(in_file, policy).output
    assert from_file(offloaded.output) == offloaded.output
    assert restore(in_file, offloaded.artifacts.__getitem__) == output
    assert from_file(lines_of(in_file)) == lines_of(offloaded.output)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (
            {"output_type": "display_data", "data": {"image/png": "AAAA" * 2000, "text/plain": "<Figure>"}},
            "<Figure>\n[image/png, 6.0 kB] is kept by jupyter-crdt-outputs, not in this file",
        ),
        (
            {"output_type": "display_data", "data": {"text/html": "x" * 5000}},
            "[text/html, 5.0 kB] is kept by jupyter-crdt-outputs, not in this file",
        ),
        (
            {"output_type": "stream", "name": "stderr", "text": "line\n" * 2000},
            "\n[stderr, 10.0 kB] is kept by jupyter-crdt-outputs, not in this file",
        ),
        (
            {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["x" * 5000]},
            "\n[error, 5.1 kB] is kept by jupyter-crdt-outputs, not in this file",
        ),
    ],
)
def test_the_text_beside_a_reference_in_a_file_says_what_it_is_and_who_has_it(
    output: dict[str, Any], says: str
) -> None:
    if output["output_type"] == "display_data":
        output["metadata"] = {}
    in_file = to_file(offload(output, Policy()).output)
    assert in_file["data"]["text/plain"].endswith(f"{says}; another server fetches it by: jupyter crdt-outputs pull")
    nbformat.validate(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(in_file)])])
    )


def test_an_output_leaves_the_file_when_its_largest_part_is_larger_than_the_limit_and_as_a_whole() -> None:
    def part(size: int) -> Part:
        return Part(DIGEST, size, "utf-8")

    policy = Policy(file_stream_max_bytes=5000)
    for reference in (
        BundleReference({"text/html": part(1000), "image/png": part(10)}),
        StreamReference("stdout", (part(600), part(400))),
        LongStreamReference("stdout", part(160), 1000, 1),
        ErrorReference("E", "", part(1000)),
    ):
        assert not policy.leaves_file(reference, None)
        assert not policy.leaves_file(reference, 1000)
        assert policy.leaves_file(reference, 999)
    assert policy.leaves_file(LongStreamReference("stdout", part(160), 5001, 1), None)
    assert policy.leaves_file(LogReference("stdout", "0" * 32), None)


def test_a_text_that_is_still_being_written_says_only_that() -> None:
    output = log_output("stdout", "0" * 32, b"first\n")
    assert to_file(output) == output
    assert "still being written" in json.dumps(output)
