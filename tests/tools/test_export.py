"""``export``: a copy is the complete notebook, or it is not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.spool import SPOOLS, cache_folder, spool_folder
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .. import small_disks
from .conftest import opened
from .notebooks import PNG, cell, display, many_types, notebook, save, stream, thin, written
from .program import HereProgram, Program, kill_while_it_writes
from .terminal import on_a_terminal

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
KILLS = 200 if LONG else 3


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return HereProgram(tmp_path)


@pytest.fixture
def saved(tmp_path: Path, store: VerifiedStore) -> Path:
    """A notebook with references."""
    return save(tmp_path / "books" / "a.ipynb", thin(many_types(), store))


def lose(store: VerifiedStore, output: dict[str, Any]) -> None:
    for digest in reference_in(output).digests:  # type: ignore[union-attr]
        store.delete(digest)


def test_the_copy_is_byte_for_byte_what_nbformat_writes(program: Program, saved: Path, tmp_path: Path) -> None:
    assert REFERENCE_MIME_TYPE in saved.read_text()
    target = tmp_path / "full.ipynb"
    assert "full.ipynb" in program.text("export", str(saved), "-o", str(target))
    assert target.read_bytes() == written(many_types())
    nbformat.validate(nbformat.read(target, 4))
    assert [path.name for path in saved.parent.iterdir()] == ["a.ipynb"]


def test_a_notebook_of_nbformat_3_and_one_of_a_minor_version_to_come_are_exported_as_nbformat_converts_them(
    program: Program, tmp_path: Path
) -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell(input="1", outputs=[])])]
    )
    (tmp_path / "old.ipynb").write_text(nbformat.v3.writes_json(old))
    save(tmp_path / "new.ipynb", notebook(cell(stream("x"))) | {"nbformat_minor": 9, "of tomorrow": 1})
    for name in ("old", "new"):
        target = tmp_path / f"{name}-full.ipynb"
        program.run("export", str(tmp_path / f"{name}.ipynb"), "-o", str(target))
        expected, copied = nbformat.read(tmp_path / f"{name}.ipynb", 4), nbformat.read(target, 4)
        for each, same in zip(copied.cells, expected.cells, strict=True):
            each.id = same.id  # of an old notebook, made up each time
        assert written(copied) == written(expected)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4}', '{"nbformat": 77}', "é"])
def test_what_is_no_notebook_is_refused(program: Program, tmp_path: Path, content: str) -> None:
    (tmp_path / "a.ipynb").write_text(content, encoding="latin-1")
    assert (
        "a.ipynb is not a" in program.run("export", str(tmp_path / "a.ipynb"), "-o", "b.ipynb", code=2).stderr.decode()
    )


def test_a_notebook_that_nbformat_finds_invalid_is_refused_and_the_place_is_named(
    program: Program, tmp_path: Path
) -> None:
    invalid = notebook(cell({"output_type": "stream", "name": "stdout"}))
    (tmp_path / "a.ipynb").write_text(json.dumps(invalid))
    told = program.run("export", str(tmp_path / "a.ipynb"), "-o", str(tmp_path / "b.ipynb"), code=2).stderr.decode()
    assert "a.ipynb is not a valid notebook" in told
    assert "['cells'][0]['outputs'][0]" in told
    assert not (tmp_path / "b.ipynb").exists()


def test_every_lost_output_is_named_with_notebook_cell_and_number_and_nothing_is_written(
    program: Program, saved: Path, store: VerifiedStore, tmp_path: Path
) -> None:
    cells = json.loads(saved.read_bytes())["cells"]
    lose(store, cells[1]["outputs"][1])
    lose(store, cells[3]["outputs"][0])
    told = program.run("export", str(saved), "-o", str(tmp_path / "b.ipynb"), code=3).stderr.decode()
    assert f"{saved}: cell 2 (id cell-1), output 2: " in told
    assert f"{saved}: cell 4 (id cell-3), output 1: " in told
    failed = program.json("export", str(saved), "-o", str(tmp_path / "b.ipynb"), code=3)["failed"]
    assert [(each["cell"], each["id"], each["output"]) for each in failed[0]["outputs"]] == [
        (2, "cell-1", 2),
        (4, "cell-3", 1),
        (4, "cell-3", 2),  # the same picture
    ]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == []


def test_a_corrupt_artifact_is_an_error_of_its_own_and_nothing_is_written(
    program: Program, saved: Path, store: VerifiedStore, tmp_path: Path
) -> None:
    [digest] = reference_in(json.loads(saved.read_bytes())["cells"][3]["outputs"][0]).digests  # type: ignore[union-attr]
    path = Path(store.blobs.where) / key_of(digest)
    path.write_bytes(b"x" * path.stat().st_size)
    (tmp_path / "b.ipynb").write_text("before")
    told = program.run("export", "--force", str(saved), "-o", str(tmp_path / "b.ipynb"), code=4).stderr.decode()
    assert "cell 4 (id cell-3), output 1: " in told
    assert "cell 4 (id cell-3), output 2: " in told, "not only the first that is met is named"
    assert (tmp_path / "b.ipynb").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["b.ipynb"]


@pytest.mark.parametrize("corrupt", [True, False])
def test_with_allow_missing_a_placeholder_says_what_is_missing_and_all_else_is_whole(
    program: Program, store: VerifiedStore, tmp_path: Path, corrupt: bool
) -> None:
    complete = notebook(cell(display(image_png=PNG, text_plain="<Figure>"), stream("y\n" * 5000)))
    path = save(tmp_path / "a.ipynb", thin(complete, store))
    [digest] = reference_in(json.loads(path.read_bytes())["cells"][0]["outputs"][0]).digests  # type: ignore[union-attr]
    if corrupt:
        (Path(store.blobs.where) / key_of(digest)).write_bytes(b"something")
    else:
        store.delete(digest)
    ran = program.run("export", "--allow-missing", str(path), "-o", str(tmp_path / "b.ipynb"))
    assert f"{path}: cell 1 (id cell-0), output 1: " in ran.stderr.decode()
    copied = nbformat.read(tmp_path / "b.ipynb", 4)
    nbformat.validate(copied)
    placeholder, whole = copied.cells[0].outputs
    assert whole == complete["cells"][0]["outputs"][1]
    assert list(placeholder.data) == ["text/plain"]
    assert placeholder.data["text/plain"].startswith("<Figure>\n[This output is missing")
    assert digest.hex in placeholder.data["text/plain"]


def test_an_artifact_that_this_machine_has_alone_is_found(program: Program, s3: str, tmp_path: Path) -> None:
    """In the spool, where it waits, and in the cache."""
    complete = notebook(cell(stream("1\n" * 5000), stream("2\n" * 5000), stream("3\n" * 5000)))
    elsewhere = opened(str(tmp_path / "elsewhere"))
    path = save(tmp_path / "a.ipynb", thin(complete, elsewhere))
    folder = Path(program.environment["JUPYTER_DATA_DIR"]) / SPOOLS
    places = [opened(str(spool_folder(s3, folder))), opened(str(cache_folder(s3, folder))), opened(s3)]
    for place, digest in zip(places, elsewhere.digests(), strict=True):
        place.put(elsewhere.get(digest))
    program.run("export", "--store", s3, str(path), "-o", str(tmp_path / "b.ipynb"))
    assert (tmp_path / "b.ipynb").read_bytes() == written(complete)


def test_a_store_that_is_away_is_its_own_error(program: Program, s3: str, saved: Path, tmp_path: Path) -> None:
    program.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    program.run("export", "--store", s3, str(saved), "-o", str(tmp_path / "b.ipynb"), code=5)
    assert not (tmp_path / "b.ipynb").exists()


def test_nothing_is_replaced_unasked_and_never_the_notebook_itself(
    program: Program, saved: Path, tmp_path: Path
) -> None:
    target = tmp_path / "b.ipynb"
    target.write_text("before")
    assert "--force" in program.run("export", str(saved), "-o", str(target), code=2).stderr.decode()
    assert target.read_text() == "before"
    program.run("export", "--force", str(saved), "-o", str(target))
    assert target.read_bytes() == written(many_types())
    assert "restore" in program.error("export", "--force", str(saved), "-o", str(saved), code=2)
    assert "folder" in program.error("export", str(saved), "-o", str(tmp_path), code=2)
    assert ".zip" in program.error("export", str(saved), "-o", str(target), "--to", "html", code=2)
    assert "no notebook or folder" in program.error("export", str(tmp_path / "no.ipynb"), "-o", str(target), code=2)


@pytest.mark.parametrize("formatted", [True, False])
def test_a_large_complete_file_is_copied_if_nbformat_has_written_it(
    program: Program, tmp_path: Path, formatted: bool
) -> None:
    complete = notebook(cell(stream("x" * 40_000_000)))
    path = save(tmp_path / "a.ipynb", complete)
    if not formatted:
        path.write_text(json.dumps(complete))
    program.run("export", str(path), "-o", str(tmp_path / "b.ipynb"))
    assert (tmp_path / "b.ipynb").read_bytes() == written(complete)


def test_a_folder_keeps_its_tree_and_goes_on_after_a_failure_which_it_tells_at_the_end(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    books, out = tmp_path / "books", tmp_path / "out"
    lost = thin(notebook(cell(stream("lost\n" * 2000))), store)
    lose(store, lost["cells"][0]["outputs"][0])
    save(books / "a" / "lost.ipynb", lost)
    (books / "a" / "none.ipynb").write_text("none")
    for name in ("1.ipynb", "a/2.ipynb", "b c/é.ipynb", ".ipynb_checkpoints/1-checkpoint.ipynb"):
        save(books / name, thin(many_types(), store))
    (books / "data.csv").write_text("1,2")
    save(tmp_path / "private.ipynb", many_types())
    (books / "out.ipynb").symlink_to(tmp_path / "private.ipynb")
    (books / "in.ipynb").symlink_to(books / "1.ipynb")
    (books / "folder").symlink_to(tmp_path)
    told = program.json("export", str(books), "-o", str(out), code=3)
    copies = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert copies == ["1.ipynb", "a/2.ipynb", "b c/é.ipynb", "in.ipynb"]
    assert all((out / name).read_bytes() == written(many_types()) for name in copies)
    assert not (out / "in.ipynb").is_symlink()
    assert sorted(Path(each["output"]).name for each in told["exported"]) == [
        "1.ipynb",
        "2.ipynb",
        "in.ipynb",
        "é.ipynb",
    ]
    assert {Path(each["path"]).name: each["exit_code"] for each in told["failed"]} == {"lost.ipynb": 3, "none.ipynb": 2}
    assert told["links_outside"] == [str(books / "out.ipynb")]
    assert told["other_files"] == 1
    again = program.run("export", str(books), "-o", str(out), code=3)
    assert again.stderr.decode().count("--force") == 4
    assert "0 notebooks" in again.stdout.decode()
    assert "1 other file not copied" in again.stdout.decode()


def test_a_folder_is_not_exported_into_itself_nor_through_a_link_out_of_the_target(
    program: Program, saved: Path, tmp_path: Path
) -> None:
    assert "another folder" in program.error("export", str(tmp_path), "-o", str(tmp_path / "out"), code=2)
    save(saved.parent / "sub" / "b.ipynb", many_types())
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "elsewhere")
    told = program.run("export", str(saved.parent), "-o", str(tmp_path / "out"), code=2).stderr.decode()
    assert "by a link" in told
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (tmp_path / "out" / "a.ipynb").exists()


def test_a_bar_shows_how_far_it_is_on_a_terminal(program: Program, saved: Path, tmp_path: Path) -> None:
    code, shown = on_a_terminal(program, "export", str(saved.parent), "-o", str(tmp_path / "out"))
    assert code == 0
    assert "exported" in shown
    assert "%|" in shown


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_an_export_that_is_killed_leaves_the_old_file_whole(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    lines = "".join(f"{number:0100}\n" for number in range(300_000))
    path = save(tmp_path / "a.ipynb", thin(notebook(cell(stream(lines))), store))
    target = tmp_path / "out" / "b.ipynb"
    target.parent.mkdir()
    target.write_text("before")
    caught = 0
    for _ in range(KILLS):
        with program.start("export", "--force", str(path), "-o", str(target)) as process:
            caught += kill_while_it_writes(process, target.parent)
            process.communicate()
        assert target.read_bytes() in (b"before", written(notebook(cell(stream(lines)))))
    assert caught
    program.run("export", "--force", str(path), "-o", str(target))
    assert target.read_bytes() == written(notebook(cell(stream(lines))))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    with small_disks.small_disk(tmp_path / "small", "128k") as point:
        yield point


@pytest.mark.parametrize("name", ["b.ipynb", "b.zip"])
def test_on_a_full_disk_nothing_is_left(program: Program, saved: Path, small_disk: Path, name: str) -> None:
    (small_disk / name).write_text("before")
    told = program.run("export", "--force", str(saved), "-o", str(small_disk / name), code=1).stderr.decode()
    assert "No space left" in told
    assert (small_disk / name).read_text() == "before"
    assert [path.name for path in small_disk.iterdir()] == [name]
