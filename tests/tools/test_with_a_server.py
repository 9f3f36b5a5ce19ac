"""Commands beside a server that runs, on the store and the notebooks that it has."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import nbformat

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE
from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import opened
from .notebooks import many_types, save
from .program import Program
from .test_stats import PAGE, PLOT, STREAM, display, write_notebook

# With their keys in the order of files: in another one, the same JSON is another artifact.
VEGA = display(**{"application_vnd.vegalite.v5+json": {"a": [1, 2], "b": {"c": None, "d": 1.5}}})
SVG = display(**{"image_svg+xml": ["<svg>\n", "x" * 6000 + "\n", "</svg>"]})
ERROR = {"ename": "E", "evalue": "v" * 3000, "output_type": "error", "traceback": ["a" * 3000, "b"]}


async def test_stats_find_in_a_saved_notebook_exactly_what_the_server_has_stored_of_it(tmp_path: Path) -> None:
    """The file names no artifact: both compute the digests, each from its own reading of it."""
    with LabServer(tmp_path) as server:
        notebook = write_notebook(server.root_dir / "a.ipynb", PLOT, PAGE, STREAM, VEGA, SVG, ERROR)
        async with opened(server, notebook.name):
            program = Program(tmp_path)
            program.environment |= {
                "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
                "JUPYTER_DATA_DIR": str(server.data_dir),
                "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
            }
            told = program.json("stats")
            (found,) = told["notebooks"]
            assert told["artifacts"] == found["artifacts"] == 10
            assert (found["not_stored"], found["missing"], "in no notebook" in told["by_type"]) == (0, [], False)
            assert program.json("verify")["verified"] == 10
            assert program.json("doctor")["ok"]
            told = program.json("gc", "--delete")
            (member,) = told["members"]
            assert member["marked"], "it was asked to say what it uses, with its open notebook"
            assert member["reaches"] >= 10, "and whatever else in its history looks like a digest"
            assert not any("not registered" in note for note in told["notes"])
    (member,) = program.json("gc", "--delete")["members"]
    assert member["marked"], "once it is stopped, its files do"


async def test_an_open_notebook_can_be_imported_exported_and_restored_and_nothing_is_lost(tmp_path: Path) -> None:
    """Its file changes under the open document: the server reads it anew, and what is saved then is all there is."""
    with LabServer(tmp_path) as server:
        path = save(server.root_dir / "a.ipynb", many_types())
        program = Program(tmp_path)
        program.environment |= {
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "JUPYTER_DATA_DIR": str(server.data_dir),
            "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        }
        edited = ""
        async with opened(server, path.name) as tab:
            for command in ("import", "restore"):
                await asyncio.to_thread(program.run, command, str(path))
                content = path.read_bytes()
                assert (REFERENCE_MIME_TYPE.encode() in content) == (command == "import")
                await asyncio.sleep(2.5)  # the server looks at its files once a second
                edited = f"edited after {command}"
                tab.set_source(tab.cell_ids()[1], edited)
                await tab.save()
                saved = json.loads(path.read_bytes())
                assert "".join(saved["cells"][1]["source"]) == edited
            full = tmp_path / "full.ipynb"
            await asyncio.to_thread(program.run, "export", str(path), "-o", str(full))
            expected = many_types()
            expected["cells"][1]["source"] = edited
            assert nbformat.read(full, 4).cells == nbformat.from_dict(expected).cells
