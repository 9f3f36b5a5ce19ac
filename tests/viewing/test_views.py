"""A view of a notebook holds whatever is in it: capped, legible, and with the way to all of it."""

from __future__ import annotations

import base64
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_crdt_outputs.errors import InvalidRequest
from jupyter_crdt_outputs.model import views
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.views import CellView, Links, NotebookView, OutputView, ViewRequest, to_text
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.streams.logs import Logs
from jupyter_crdt_outputs.viewing.chosen import choose
from jupyter_crdt_outputs.viewing.outputs import Viewer
from jupyter_crdt_outputs.viewing.texts import Texts

from ..model.outputs import json_values
from ..notebooks.outputs import display, error, png, result, stream
from ..notebooks.strategies import hostile_outputs

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LINKS = Links.below("/base/api/crdt-outputs/", {"path": "a b.ipynb"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    return open_store(str(tmp_path_factory.mktemp("views") / "store"))


@pytest.fixture(scope="module")
def viewer(store: ArtifactStore, tmp_path_factory: pytest.TempPathFactory) -> Viewer:
    return Viewer(Texts(store, Logs(tmp_path_factory.mktemp("logs"), store)))


def both(viewer: Viewer, store: ArtifactStore, output: Any, max_chars: int = 4000) -> tuple[OutputView, OutputView]:
    """The view of an output of a file, and of the same in a document."""
    stored = Archive(store, Policy(1024)).offload_output(output)
    return viewer.output(0, output, max_chars), viewer.output(0, stored, max_chars)


def shown(view: OutputView) -> tuple[Any, ...]:
    """What must not depend on where the bytes are."""
    parts = {(part.mime, part.size, part.sha256) for part in view.parts if part.mime.startswith("image/")}
    return view.type, view.name, view.mime, view.text, view.left_out, view.ename, view.evalue, parts, view.note


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.lists(hostile_outputs, max_size=4), json_values, st.integers(100, 600))
def test_whatever_is_in_a_cell_its_view_is_capped_and_legible(
    viewer: Viewer, outputs: list[Any], rest: Any, max_chars: int
) -> None:
    more = rest if isinstance(rest, dict) else {}
    cell = {"cell_type": rest, "id": rest, "source": rest, "execution_count": rest, **more, "outputs": outputs}
    view = viewer.cell(0, cell, max_chars, with_source=True)
    assert len(view.outputs) == len(outputs)
    for output in view.outputs:
        assert len(output.text or "") <= max_chars
        assert len(output.evalue or "") <= 500
        assert len(output.parts) <= 20
    notebook = NotebookView("a b.ipynb", 1, LINKS, (view,))
    spelled = json.dumps(notebook.to_json(), ensure_ascii=False)
    assert NotebookView.parse(json.loads(spelled)) == notebook
    assert CONTROL.search(to_text(notebook)) is None
    assert not any(CONTROL.search(text) for text in texts_in(notebook.to_json()))


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in texts_in(child)]


@pytest.mark.parametrize(
    "output",
    [
        stream("".join(f"line {number}\r\n" for number in range(3000))),
        stream("\x1b[31mred\x1b[0m " * 2000, "stderr"),
        stream("x\n" * 2_000_000),
        error([f"\x1b[0;32mline {number}\x1b[0m" for number in range(300)], "v" * 9000),
        result({"text/plain": "p" * 9000, "text/html": "<b>" + "h" * 9000}),
        result({"text/plain": ["<IPython.core.display.HTML object>"], "text/html": "<p>a</p><p>b</p>" * 900}),
        display({"application/json": {"a": [1, 2, {"b": "c" * 5000}]}}),
        display({"image/png": base64.b64encode(png(random.Random(1))).decode(), "text/plain": "<Figure>"}),
        display({"text/markdown": "# T\n" * 900, "text/latex": "$x$"}),
    ],
)
def test_an_output_reads_the_same_in_a_file_and_in_a_document(
    viewer: Viewer, store: ArtifactStore, output: dict[str, Any]
) -> None:
    in_file, in_document = both(viewer, store, output)
    assert shown(in_file) == shown(in_document)
    assert in_file.text


@pytest.mark.parametrize(
    ("bundle", "mime", "text"),
    [
        ({"text/plain": "p", "text/html": "<b>h</b>", "text/markdown": "m"}, None, "p"),
        ({"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "*m*"}, "text/markdown", "*m*"),
        ({"text/plain": "<a.B object at 0x7f>", "text/html": "<i>h</i>"}, "text/html", "h"),
        ({"text/plain": "<a.B object at 0x7f>", "image/png": "x"}, None, "<a.B object at 0x7f>"),
        ({"text/latex": ["$a$\n", "$b$"]}, "text/latex", "$a$\n$b$"),
        ({"application/json": {"é": [1]}}, "application/json", '{\n  "é": [\n    1\n  ]\n}'),
        ({"application/vnd.plotly.v1+json": {"data": []}}, None, None),
        (
            {"text/html": "<style>x{}</style><table><tr><th>a<th>b</tr><tr><td>1</td><td>2</td></tr></table><p>end"},
            "text/html",
            "a | b\n1 | 2\nend",
        ),
        ({"text/html": "no &lt;tags&gt; https://a.b/"}, "text/html", "no <tags> https://a.b/"),
        ({"text/html": "<?xml version='1.0'?><a>x</a>"}, "text/html", "x"),
    ],
)
def test_the_text_of_a_bundle_is_the_one_that_says_most_in_the_fewest_characters(
    viewer: Viewer, bundle: dict[str, Any], mime: str | None, text: str | None
) -> None:
    view = viewer.output(0, display(bundle), 4000)
    assert (view.mime, view.text) == (mime, text)


def test_a_part_that_is_not_shown_has_an_address(viewer: Viewer, store: ArtifactStore) -> None:
    picture = png(random.Random(2))
    output = display({"image/png": base64.b64encode(picture).decode(), "text/plain": "<Figure>"})
    in_file, in_document = both(viewer, store, output)
    cell = CellView(3, "the id")
    notebook = NotebookView("a b.ipynb", 9, LINKS, (cell,))
    assert [(part.size, part.width, part.height) for part in in_document.parts] == [(len(picture), 60, 40)]
    digest = in_document.parts[0].sha256
    assert store.get(Digest.parse(digest)) == picture
    url = notebook.url_of(cell, in_document, in_document.parts[0])
    assert url == f"/base/api/crdt-outputs/artifacts/{digest}?type=image/png"
    url = notebook.url_of(cell, in_file, in_file.parts[0])
    assert url == "/base/api/crdt-outputs/outputs/part?path=a%20b.ipynb&cell=the%20id&output=0&type=image/png"


def test_an_output_whose_artifact_is_gone_shows_what_stands_beside_it_and_says_so(
    viewer: Viewer, tmp_path: Path
) -> None:
    other = open_store(str(tmp_path / "other"))
    stored = Archive(other, Policy(1024)).offload_output(stream("".join(f"{number}\n" for number in range(9000))))
    view = viewer.output(0, stored, 4000)
    assert view.type == "stream"
    assert (view.text or "").startswith("0\n1\n2\n")
    assert "cannot be had" in (view.note or "")


def test_of_very_many_outputs_the_first_and_the_last_are_given(viewer: Viewer) -> None:
    outputs = [stream(f"{number}\n") for number in range(1000)]
    view = viewer.cell(0, {"cell_type": "code", "outputs": outputs}, 4000)
    assert len(view.outputs) == views.MOST_OUTPUTS
    assert view.outputs_left_out == 1000 - views.MOST_OUTPUTS
    assert [view.outputs[0].index, view.outputs[-1].index] == [0, 999]
    assert view.outputs[-1].text == "999\n"


def test_cells_are_chosen_by_id_by_index_and_as_a_slice() -> None:
    ids = ["a", "b", "", "1"]
    assert list(choose(ViewRequest(), ids)) == [0, 1, 2, 3]
    assert list(choose(ViewRequest(cell="1"), ids)) == [3]
    assert list(choose(ViewRequest(cell="#2"), ids)) == [2]
    assert list(choose(ViewRequest(index=-1), ids)) == [3]
    assert list(choose(ViewRequest(start=1, stop=-1), ids)) == [1, 2]
    assert list(choose(ViewRequest(start=9), ids)) == []
    with pytest.raises(InvalidRequest):
        ViewRequest(cell="a", index=1)
    with pytest.raises(InvalidRequest):
        ViewRequest(max_chars=5)


@given(json_values)
def test_what_is_no_view_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        NotebookView.parse(value)
