"""Notebook files of any kind, for Hypothesis."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from ..model import outputs as of_model
from .cells import METADATA, code, markdown, notebook, raw
from .outputs import BULK, invalid_outputs, valid_outputs
from .spelling import SPELLINGS

_VALID = list(valid_outputs(random.Random(1)).values())
_INVALID = list(invalid_outputs(random.Random(1)).values())

_longer = st.sampled_from(["é\n", "x", "<p>a</p>\r\n"]).map(lambda text: text * BULK)
outputs = (
    st.sampled_from([output for output in _VALID if len(str(output)) < 100_000])
    | of_model.outputs
    | _longer.map(lambda text: {"output_type": "stream", "name": "stdout", "text": text})
    | st.builds(
        lambda bundle, mime, text: {"output_type": "display_data", "data": {**bundle, mime: text}, "metadata": {}},
        of_model.mime_bundles,
        of_model.mime_types,
        _longer,
    )
)
hostile_outputs = outputs | st.sampled_from(_INVALID) | of_model.hostile_outputs | of_model.json_values

_legible = st.text(st.characters(codec="utf-8"), max_size=40)
_metadata = st.dictionaries(_legible, of_model.json_values, max_size=3)


def _cells(outputs: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda outputs, source, metadata: code(*outputs, source=source, metadata=metadata),
        st.lists(outputs, max_size=4),
        _legible,
        _metadata,
    ) | st.builds(
        lambda make, source, metadata: make(source, metadata=metadata),
        st.sampled_from([markdown, raw]),
        _legible,
        _metadata,
    )


def _notebooks(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda cells, minor, metadata: notebook(*cells, minor=minor, metadata={**METADATA, **metadata}),
        st.lists(cells, max_size=4),
        st.integers(0, 5),
        _metadata,
    )


notebooks = _notebooks(_cells(outputs))
"""Of nbformat 4.0 to 4.5; most are valid."""

hostile_notebooks = _notebooks(_cells(hostile_outputs) | of_model.json_values)
"""Also what has the outline of a notebook only."""

_READABLE = ("indented by 2", "on one line", "in ASCII", "keys in no order")
files = st.builds(
    lambda notebook, spelling: SPELLINGS[spelling](notebook), notebooks | hostile_notebooks, st.sampled_from(_READABLE)
)
"""Their bytes, in several spellings."""
