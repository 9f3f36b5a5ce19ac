"""Hypothesis strategies for nbformat outputs as kernels and files hold them, and odder ones."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st

texts = st.text(st.characters(codec=None), max_size=60)  # lone surrogates too: JSON can escape them
names = st.sampled_from(["stdout", "stderr"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)
binaries = st.binary(max_size=300)
base64_texts = (
    binaries.map(lambda data: base64.b64encode(data).decode())
    | binaries.map(lambda data: base64.b64encode(data).decode() + "\n")
    | binaries.map(lambda data: base64.encodebytes(data).decode())
    | st.text("AQgw+/=\n", max_size=90)
)
mime_types = st.sampled_from(
    ["text/plain", "text/html", "image/png", "image/svg+xml", "application/json", "application/pdf"]
    + ["application/vnd.vegalite.v5+json", "application/vnd.plotly.v1+json", "application/x-unknown"]
    + ["application/vnd.jupyter.widget-view+json"]
)
mime_bundles = st.dictionaries(mime_types, texts | base64_texts | json_values | st.lists(texts, max_size=3), max_size=4)
metadata = st.dictionaries(texts, json_values, max_size=3)


def _output(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"output_type": st.just(kind), **fields})


outputs = (
    _output("stream", name=names, text=texts | st.integers(1, 40).flatmap(lambda n: texts.map(lambda t: t * n)))
    | _output("error", ename=texts, evalue=texts, traceback=st.lists(texts, max_size=5))
    | _output("display_data", data=mime_bundles, metadata=metadata)
    | _output("execute_result", data=mime_bundles, metadata=metadata, execution_count=st.none() | st.integers(0))
)
hostile_outputs = outputs | st.dictionaries(texts, json_values, max_size=4)
