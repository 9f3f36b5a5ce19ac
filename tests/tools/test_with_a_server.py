"""Commands beside a server that runs, on the store and the notebooks that it has."""

from __future__ import annotations

from pathlib import Path

from jupyter_crdt_outputs.testing.server import LabServer

from ..kernel.tabs import opened
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
