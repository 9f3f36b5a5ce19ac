"""nbdime, jupytext, nbstripout and whoever else reads files: with references, they do what they do with any file."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import nbdime
import nbformat
from jupytext.cli import jupytext as jupytext_cli
from nbconvert import HTMLExporter
from nbdime import diff_notebooks
from nbdime.prettyprint import PrettyPrintConfig, pretty_print_notebook_diff
from nbstripout import strip_output

from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import Tools
from .notebooks import PNG, complete, png, read, with_references, write


def thin(store: VerifiedStore, notebook: dict[str, Any] | None = None) -> Any:
    return nbformat.from_dict(json.loads(json.dumps(with_references(store, notebook))))


def told_by_nbdime(before: Any, after: Any) -> str:
    out = io.StringIO()
    config = PrettyPrintConfig(out=out, use_color=False, use_git=False, use_diff=False)
    pretty_print_notebook_diff("before", "after", before, diff_notebooks(before, after), config)
    return out.getvalue()


def test_nbdime_has_nothing_to_say_of_a_re_run_with_the_same_outputs(store: VerifiedStore) -> None:
    assert diff_notebooks(thin(store), thin(store)) == []


def test_nbdime_shows_another_picture_as_another_digest_of_that_output_alone(store: VerifiedStore) -> None:
    changed = complete()
    changed["cells"][3]["outputs"][0]["data"]["image/png"] = base64.b64encode(png(1)).decode()
    before, after = thin(store), thin(store, changed)
    told = told_by_nbdime(before, after)
    sides = [{line[0]: line for line in told.splitlines() if "sha256: " in line}]
    assert set(sides[0]) == {"+", "-"}
    assert told.count("## ") == 2, "inserted and deleted"
    assert "/cells/3/outputs/0" in told
    assert len(told) < 2000
    assert nbdime.patch(before, diff_notebooks(before, after)) == after


def test_nbdime_on_the_command_line_and_from_git(tools: Tools, store: VerifiedStore) -> None:
    write(tools.home / "one.ipynb", with_references(store))
    write(tools.home / "two.ipynb", with_references(store))
    assert tools.call("nbdiff", "one.ipynb", "two.ipynb").stdout == b""


def test_jupytext_keeps_the_references_of_cells_that_were_not_edited(tools: Tools, store: VerifiedStore) -> None:
    write(tools.home / "nb.ipynb", with_references(store))
    jupytext_cli(["--set-formats", "ipynb,py:percent", "--quiet", "nb.ipynb"])
    paired = read(tools.home / "nb.ipynb")
    text = (tools.home / "nb.py").read_text()
    assert "sha256" not in text
    (tools.home / "nb.py").write_text(text.replace("fail()", "succeed()"))
    jupytext_cli(["--update", "--to", "ipynb", "--quiet", "nb.py"])
    after = read(tools.home / "nb.ipynb")
    assert [cell.get("outputs") for cell in after["cells"][:5]] == [cell.get("outputs") for cell in paired["cells"][:5]]
    assert after["cells"][5]["source"] == "succeed()"
    assert reference_in(after["cells"][3]["outputs"][0]) is not None


def test_nbstripout_leaves_nothing_of_ours(store: VerifiedStore) -> None:
    stripped = strip_output(thin(store), keep_output=False, keep_count=False, keep_id=True)
    assert "crdt-outputs" not in json.dumps(stripped)
    empty = complete()
    for cell in empty["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    assert json.loads(json.dumps(stripped))["cells"] == empty["cells"]


def test_a_file_is_valid_and_every_reference_has_a_text_that_any_reader_can_show(store: VerifiedStore) -> None:
    """VS Code, GitHub and nbviewer show the text of a type that they know, where they know no other."""
    notebook = thin(store)
    nbformat.validate(notebook, relax_add_props=False)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ()) if reference_in(output)]
    assert len(outputs) == 4
    for output in outputs:
        assert output.output_type in ("display_data", "execute_result")
        assert isinstance(output.data["text/plain"], str)
        assert "is kept by jupyter-crdt-outputs, not in this file" in output.data["text/plain"]
    exporter: Any = HTMLExporter
    html, _ = exporter().from_notebook_node(notebook)
    assert html.count("is kept by jupyter-crdt-outputs, not in this file") == 4
    assert PNG[:100] not in html
