"""Everything in a document is hostile: references are read strictly or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from jupyter_crdt_outputs.errors import InvalidDigest, InvalidReference
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, parse, reference_in
from jupyter_crdt_outputs.model.restore import restore

from . import outputs as some

HEX = "ab" * 32
PART: dict[str, Any] = {"sha256": HEX, "size": 5.0, "encoding": "utf-8"}


@pytest.mark.parametrize(
    "text",
    ["", "ab", HEX.upper(), HEX + "0", HEX[:-1], HEX[:-1] + "\n", HEX + "\n", "../" + HEX[3:], "%2e" + HEX[3:]]
    + [HEX[:-1] + "\0", HEX[:-1] + "g", HEX[:-1] + "a", None, 7, [HEX], b"ab" * 32],
)
def test_only_64_lower_case_hexadecimal_digits_are_a_digest(text: object) -> None:
    if text == HEX[:-1] + "a":
        text = HEX[:-1] + "\uff41"  # a full-width letter
    with pytest.raises(InvalidDigest):
        Digest.parse(text)


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    assert str(Digest.of(b"")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(some.json_values)
def test_any_json_is_a_reference_or_a_clear_error(value: object) -> None:
    with pytest.raises(InvalidReference):
        parse(value)


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "bundle", "parts": {}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "sha256": "../../etc/passwd"}}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "size": -1}}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "size": 1.5}}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "size": float("nan")}}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "size": True}}},
        {"kind": "bundle", "parts": {"image/png": {**PART, "encoding": "gzip"}}},
        {"kind": "bundle", "parts": {"image/png": PART}, "metadata": []},
        {"kind": "stream", "name": 1, "segments": []},
        {"kind": "stream", "name": "stdout", "segments": {}},
        {"kind": "error", "ename": "E", "evalue": None, "part": PART},
        {"kind": "hologram", "parts": {"image/png": PART}},
    ],
)
def test_a_malformed_reference_is_refused_and_kept_as_it_is(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidReference):
        parse(value)
    output = {"output_type": "display_data", "data": {REFERENCE_MIME_TYPE: value}, "metadata": {}}
    assert reference_in(output) is None
    assert restore(output, lambda digest: b"") == output


def test_numbers_may_arrive_as_floats_and_unknown_keys_are_let_pass() -> None:
    value = {"kind": "stream", "name": "stdout", "segments": [PART], "later": {"version": 2}}
    reference = parse(value)
    assert [digest.hex for digest in reference.digests] == [HEX]
    assert reference.to_json()["segments"][0]["size"] == 5


def test_errors_that_are_equal_have_one_reference_in_whatever_order_their_keys_came() -> None:
    """A kernel has an order of its own, and a file has them sorted: a re-run would otherwise give a diff."""
    output = {"output_type": "error", "ename": "E", "evalue": "wrong", "traceback": ["x" * 9000]}
    backwards = dict(reversed(output.items()))
    assert offload(output, Policy()).output == offload(backwards, Policy()).output
