"""The description of our HTTP interface is true: it names every route and no other, and every answer is as it says.

Schemathesis makes the requests, such as the description allows and such as it does not, and looks at the answers.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jupyter_crdt_outputs.testing.server import LabServer
from jupyter_crdt_outputs.web.openapi import document

from .test_outputs import EXTENSIONS, everything, write

EXAMPLES = 100 if os.environ.get("CRDT_OUTPUTS_LONG") else 8
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NOTEBOOK = "all.ipynb"
EDITED = "edited.ipynb"
METHODS = {"get", "head", "post", "put", "patch", "delete"}
OPERATIONS = [(path, method) for path, item in document()["paths"].items() for method in item]
ROOT = "/api/crdt-outputs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    home = tmp_path_factory.mktemp("openapi")
    with LabServer(home, extensions=["listing_routes"], python_path=[EXTENSIONS]) as running:
        write(running, NOTEBOOK, everything())
        write(running, EDITED, everything())
        yield running


def test_it_is_served_with_the_address_of_the_server(server: LabServer) -> None:
    url = f"{server.url}api/crdt-outputs/openapi.json"
    answer = httpx.get(url, headers=server.headers, trust_env=False)
    assert answer.json() == document() | {"servers": [{"url": ROOT}]}
    assert httpx.get(url, trust_env=False).status_code == 403


def test_it_names_every_route_and_no_other(server: LabServer) -> None:
    routes = json.loads(server.request("test/routes"))["routes"]
    ours = {pattern: set(methods) for pattern, methods in routes if ROOT in pattern.replace("\\", "")}
    described: dict[str, set[str]] = {}
    for path, method in OPERATIONS:
        sample = ROOT + re.sub(r"{\w+}", "x", path)
        matching = [pattern for pattern in ours if re.fullmatch(pattern.rstrip("$"), sample)]
        assert len(matching) == 1, (path, matching)
        described.setdefault(matching[0], set()).add(method)
    assert described == ours


WITH_A_NOTEBOOK = st.fixed_dictionaries(
    {"path": st.just(NOTEBOOK)},
    optional={
        "cell": st.sampled_from(["one", "long", "picture", "error", "odd"]),
        "output": st.sampled_from([0, 1, -1]),
        "type": st.sampled_from(["image/png", "image/svg+xml", "text/html"]),
    },
)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_it_says(server: LabServer, path: str, method: str) -> None:
    known = {key: value for key, value in document().items() if key != "security"}  # else it makes up tokens
    operation = schemathesis.openapi.from_dict(known)[path][method]
    cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.none() | WITH_A_NOTEBOOK)
    def ask(case: Any, meant: dict[str, Any] | None) -> None:
        if meant is not None and path.startswith("/outputs"):  # else hardly anything is ever found
            case.query = {**(case.query or {}), **meant}
            for other in {"room", "index"} & set(case.query):
                del case.query[other]
        elif meant is not None and path.startswith("/cells"):
            case.query = {**(case.query or {}), "path": EDITED}
            case.query.pop("room", None)
            if "cell" in (case.path_parameters or {}):
                case.path_parameters["cell"] = meant.get("cell", "one")
        assume(len(urlencode(case.query or {})) < 50_000)  # tornado hangs up on longer ones, and says nothing
        response = case.call(base_url=server.url.rstrip("/") + ROOT, headers=server.headers, timeout=60)
        if response.status_code == 404 and b"<html" in response.content:
            return  # a path of another shape, which is none of ours
        case.validate_response(response, checks=CHECKS)

    ask()
