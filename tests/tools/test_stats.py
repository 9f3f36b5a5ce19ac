"""``stats``."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import opened
from .program import Program

PICTURE = b"\x89PNG" + bytes(range(256)) * 40
HTML = "<p>" + "x" * 8000
LONG = "".join(f"line {number}\n" for number in range(300_000))
STREAM = {"output_type": "stream", "name": "stdout", "text": LONG}
POLICY = Policy()


def display(**data: Any) -> dict[str, Any]:
    mimes = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": mimes, "metadata": {}}


def write_notebook(path: Path, *outputs: Any) -> Path:
    cell = {"cell_type": "code", "id": "a", "source": "", "metadata": {}, "execution_count": 1, "outputs": outputs}
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    return path


PLOT = display(image_png=base64.b64encode(PICTURE).decode(), text_plain="<Figure>")
PAGE = display(text_html=[HTML[:4000], HTML[4000:]])  # lists of lines, as files have them


def test_stats_know_which_artifacts_complete_notebooks_stand_for(program: Program, anywhere: str) -> None:
    root = program.home / "root"
    write_notebook(root / "a.ipynb", PLOT, PAGE)
    write_notebook(root / "sub" / "b.ipynb", PLOT)
    write_notebook(root / ".ipynb_checkpoints" / "a-checkpoint.ipynb", PLOT)
    opened(anywhere).put_many([PICTURE, HTML.encode(), b"nobody's"])
    told = program.json("stats", "--store", anywhere, "--root", str(root))
    assert (told["artifacts"], told["bytes"]) == (3, len(PICTURE) + len(HTML) + 8)
    assert told["by_type"]["image/png"] == {"artifacts": 1, "bytes": len(PICTURE)}
    assert told["by_type"]["text/html"]["bytes"] == len(HTML)
    assert told["by_type"]["in no notebook"]["bytes"] == 8
    found = {Path(each["path"]).name: each for each in told["notebooks"]}
    assert {name: each["bytes"] for name, each in found.items()} == {
        "a.ipynb": len(PICTURE) + len(HTML),
        "b.ipynb": len(PICTURE),
    }
    assert all(each["missing"] == [] and each["not_stored"] == 0 for each in found.values())


def test_what_a_complete_notebook_holds_and_the_store_does_not_is_not_missing(
    program: Program, store: VerifiedStore
) -> None:
    write_notebook(program.home / "root" / "a.ipynb", PLOT)
    (found,) = program.json("stats", "--root", str(program.home / "root"))["notebooks"]
    assert (found["artifacts"], found["not_stored"], found["missing"]) == (0, 1, [])


def test_references_in_a_file_are_followed_down_to_the_segments_of_a_long_stream(
    program: Program, store: VerifiedStore
) -> None:
    stream, plot = offload(STREAM, POLICY), offload(PLOT, POLICY)
    store.put_many([*stream.artifacts.values()])
    write_notebook(program.home / "root" / "a.ipynb", stream.output, plot.output)
    told = program.json("stats", "--root", str(program.home / "root"))
    (found,) = told["notebooks"]
    assert found["artifacts"] == len(stream.artifacts) > 3
    assert found["missing"] == [Digest.of(PICTURE).hex]
    assert told["by_type"]["stream"]["bytes"] == len(LONG)
    assert told["by_type"]["stream index"]["artifacts"] == 1
    assert "1 missing" in program.text("stats", "--root", str(program.home / "root"))


def test_a_file_that_is_no_notebook_is_named_and_stops_nothing(program: Program, store: VerifiedStore) -> None:
    root = program.home / "root"
    write_notebook(root / "good.ipynb", PLOT)
    store.put(PICTURE)
    (root / "bad.ipynb").write_text("{")
    (root / "odd.ipynb").write_text("[1]")
    ran = program.run("stats", "--root", str(root))
    assert b"bad.ipynb: " in ran.stderr
    assert b"odd.ipynb: " in ran.stderr
    assert b"good.ipynb" in ran.stdout


def test_a_notebook_of_an_old_format_is_read_as_the_server_would(program: Program, store: VerifiedStore) -> None:
    output = {"output_type": "display_data", "metadata": {}, "png": base64.b64encode(PICTURE).decode()}
    cell = {"cell_type": "code", "input": "", "language": "python", "metadata": {}, "outputs": [output]}
    notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell], "metadata": {}}]}
    (program.home / "old.ipynb").write_text(json.dumps(notebook))
    store.put(PICTURE)
    assert program.json("stats", "--root", str(program.home))["by_type"]["image/png"]["artifacts"] == 1


def test_stats_by_age_and_area(program: Program, store: VerifiedStore) -> None:
    for days in (0, 3, 20, 100, 1000):
        path = Path(store.blobs.where) / key_of(store.put(b"%d days" % days))
        os.utime(path, (path.stat().st_mtime - days * 86400,) * 2)
    store.blobs.move(store.put(b"rubbish"), Area.ARTIFACTS, Area.TRASH)
    told = program.json("stats", "--root", str(program.home))
    assert [each["artifacts"] for each in told["by_age"].values()] == [1, 1, 1, 1, 1, 0]
    assert told["trash"] == {"artifacts": 1, "bytes": 7}
    assert "in the trash: 1 artifact, 7 B" in program.text("stats", "--root", str(program.home))


def test_the_root_is_that_of_the_server(program: Program, store: VerifiedStore) -> None:
    write_notebook(program.home / "root" / "a.ipynb", PLOT)
    (program.home / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"root_dir": str(program.home / "root")}})
    )
    assert [Path(each["path"]).name for each in program.json("stats")["notebooks"]] == ["a.ipynb"]
    assert "give --root DIR" in program.error("stats", "--root", "/nowhere", code=2)
