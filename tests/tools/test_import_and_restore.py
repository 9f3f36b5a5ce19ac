"""``import`` and ``restore`` in place: there and back is where one was."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from PIL import Image

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import REFERENCE_MIME_TYPE, reference_in
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.tools.notebooks.reading import ChangedMeanwhile, read_notebook
from jupyter_crdt_outputs.tools.notebooks.whole_file import whole_file

from .. import small_disks
from .notebooks import PNG, cell, display, many_types, notebook, save, stream, thin, written
from .program import HereProgram, Program, kill_while_it_writes

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
KILLS = 200 if LONG else 3


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return HereProgram(tmp_path)


def references(path: Path) -> list[bool]:
    return [
        reference_in(output) is not None
        for each in json.loads(path.read_bytes())["cells"]
        for output in each.get("outputs", [])
    ]


def test_what_was_imported_and_restored_is_byte_for_byte_what_it_was(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    books = tmp_path / "books"
    paths = [save(books / name, many_types()) for name in ("a.ipynb", "b/c.ipynb")]
    checkpoint = save(books / ".ipynb_checkpoints" / "a-checkpoint.ipynb", thin(many_types(), store))
    paths[0].chmod(0o640)
    told = program.json("import", str(books))
    assert [each["outputs"] for each in told["imported"]] == [7, 7]
    for path in paths:
        read = nbformat.reads(written(many_types()).decode(), 4)  # with the keys of JSON in the order of the file
        assert path.read_bytes() == written(thin(read, store, Policy().document_max_bytes)), (
            "as a server with a limit saves it"
        )
        nbformat.validate(nbformat.read(path, 4))
        assert path.stat().st_size < 30_000
    before = [path.stat() for path in paths]
    assert program.json("import", str(books))["imported"] == []
    assert [path.stat() for path in paths] == before
    assert "3 notebooks restored" in program.text("restore", str(books))
    assert [path.read_bytes() for path in (*paths, checkpoint)] == [written(many_types())] * 3
    assert paths[0].stat().st_mode & 0o777 == 0o640
    before = [path.stat() for path in paths]
    assert "0 notebooks restored" in program.text("restore", str(books))
    assert [path.stat() for path in paths] == before
    assert {path.name for path in books.rglob("*")} == {
        "a.ipynb", "b", "c.ipynb", ".ipynb_checkpoints", "a-checkpoint.ipynb",
    }  # fmt: skip


@pytest.mark.parametrize("indent", [1, 4, None])
def test_a_file_is_imported_however_it_is_written(
    program: Program, store: VerifiedStore, tmp_path: Path, indent: int | None
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(many_types(), indent=indent, sort_keys=True).replace("\n", "\r\n"), newline="")
    program.run("import", str(path))
    read = nbformat.reads(written(many_types()).decode(), 4)
    assert path.read_bytes() == written(thin(read, store, Policy().document_max_bytes))


def test_only_what_is_larger_is_imported_and_the_notebook_can_remember_the_limit(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    complete = notebook(cell(stream("x" * 5000), stream("y" * 50_000), display(image_png=PNG, text_plain="z" * 6000)))
    path = save(tmp_path / "a.ipynb", complete)
    dry = program.json("import", "--dry-run", "--larger-than", "40000", str(path))
    assert (dry["imported"][0]["outputs"], dry["imported"][0]["bytes"]) == (1, 50_000)
    assert path.read_bytes() == written(complete)
    assert list(store.digests()) == []
    program.run("import", "--larger-than", "40000", "--remember", str(path))
    assert references(path) == [False, True, False]
    assert nbformat.read(path, 4).metadata["crdt-outputs"] == {"file_max_bytes": 40000}
    assert program.json("import", str(path))["untouched"] == [str(path)], "the notebook says how much"
    program.run("import", "--larger-than", "256", str(path))
    assert references(path) == [True, True, True]
    assert "256" in program.error("import", "--larger-than", "9", str(path), code=2)


def test_what_is_imported_has_thumbnails_when_the_server_makes_them_and_is_restored_without(
    program: Program, tmp_path: Path
) -> None:
    program.configure(thumbnails=True)
    plot = io.BytesIO()
    Image.frombytes("L", (12, 9), random.Random(7).randbytes(108)).resize((1200, 900)).save(plot, "PNG")
    complete = notebook(cell(display(image_png=base64.b64encode(plot.getvalue()).decode(), text_plain="<Figure>")))
    path = save(tmp_path / "a.ipynb", complete)
    dry = program.json("import", "--dry-run", str(path))
    program.run("import", str(path))
    assert dry["imported"][0]["file_bytes"] == path.stat().st_size
    [output] = nbformat.read(path, 4).cells[0].outputs
    thumbnail = base64.b64decode(output.data["image/png"])
    assert Image.open(io.BytesIO(thumbnail)).size == (480, 360)
    assert len(thumbnail) < len(plot.getvalue())
    program.run("restore", str(path))
    assert path.read_bytes() == written(complete)


def test_what_is_no_valid_notebook_is_named_and_the_others_are_imported(program: Program, tmp_path: Path) -> None:
    good = save(tmp_path / "books" / "good.ipynb", many_types())
    bad = good.with_name("bad.ipynb")
    bad.write_text(json.dumps(notebook(cell({"output_type": "stream", "text": "x" * 9000}))))
    (good.parent / "none.ipynb").write_text("none")
    before = bad.read_bytes()
    ran = program.run("import", str(good.parent), code=2)
    assert f"{bad} is not a valid notebook" in ran.stderr.decode()
    assert "none.ipynb is not a notebook" in ran.stderr.decode()
    assert bad.read_bytes() == before
    assert any(references(good))
    assert "no notebook or folder" in program.error("import", str(tmp_path / "nothing"), code=2)


def test_a_notebook_stays_trusted_if_it_was_and_only_then(program: Program, tmp_path: Path) -> None:
    data = Path(program.environment["JUPYTER_DATA_DIR"])
    data.mkdir(exist_ok=True)
    trusted, other = (save(tmp_path / name, notebook(cell(stream(name * 9000)))) for name in ("t.ipynb", "o.ipynb"))

    def is_trusted(path: Path) -> bool:
        notary = NotebookNotary(data_dir=str(data))
        try:
            return bool(notary.check_signature(nbformat.read(path, 4)))
        finally:
            notary.close()

    program.run("import", str(other))
    assert not (data / "notebook_secret").exists(), "nobody has trusted anything"
    program.run("restore", str(other))
    notary = NotebookNotary(data_dir=str(data))
    notary.sign(nbformat.read(trusted, 4))
    notary.close()
    program.run("import", str(trusted), str(other))
    assert is_trusted(trusted)
    assert not is_trusted(other)
    (data / "nbsignatures.db").unlink()  # or it would be trusted from before
    notary = NotebookNotary(data_dir=str(data))
    notary.sign(nbformat.read(trusted, 4))
    notary.close()
    program.run("restore", str(trusted), str(other))
    assert is_trusted(trusted)
    assert not is_trusted(other)


def test_a_lost_artifact_leaves_the_file_and_with_allow_missing_its_reference(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    complete = notebook(cell(stream("lost\n" * 2000), display(image_png=PNG)))
    path = save(tmp_path / "a.ipynb", thin(complete, store))
    before = json.loads(path.read_bytes())
    digest = Digest.of(b"lost\n" * 2000)
    store.delete(digest)
    told = program.run("restore", str(tmp_path), code=3).stderr.decode()
    assert f"{path}: cell 1 (id cell-0), output 1: " in told
    assert json.loads(path.read_bytes()) == before
    assert "still a reference" in program.run("restore", "--allow-missing", str(tmp_path)).stderr.decode()
    assert references(path) == [True, False]
    after = path.stat()
    program.run("restore", "--allow-missing", str(tmp_path))
    assert path.stat() == after
    store.put(b"lost\n" * 2000)
    program.run("restore", str(tmp_path))
    assert path.read_bytes() == written(complete)


def test_paths_and_digests_are_told_apart_and_what_may_be_both_is_refused(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    complete = notebook(cell(stream("x" * 9000)))
    folder = tmp_path / "cwd"
    folder.mkdir()
    for name in ("deadbeef", "books", "with.dot"):
        save(folder / name / "a.ipynb", thin(complete, store))
    run: Any = {"cwd": folder, "code": 0}
    assert (
        "may begin a digest: write ./deadbeef"
        in program.run("restore", "deadbeef", **run | {"code": 2}).stderr.decode()
    )
    for name in ("./deadbeef", "books", "with.dot/a.ipynb"):
        assert b"1 notebook restored" in program.run("restore", name, **run).stdout
    digest = store.put(b"in the trash")
    program.run("restore", digest.hex, **run)
    assert b"0 artifacts" in program.run("restore", digest.hex[:12], **run).stdout
    assert b"no notebook or folder" in program.run("restore", "none.ipynb", **run | {"code": 2}).stderr
    assert b"no artifact whose digest begins" in program.run("restore", "0123abcd", **run | {"code": 3}).stderr
    assert b"nor a notebook or folder" in program.run("restore", "boks", **run | {"code": 2}).stderr
    assert b"one at a time" in program.run("restore", "books", digest.hex, **run | {"code": 2}).stderr
    assert b"give notebooks" in program.run("restore", **run | {"code": 2}).stderr


def test_a_file_that_somebody_writes_meanwhile_is_theirs(tmp_path: Path) -> None:
    path = save(tmp_path / "a.ipynb", notebook())
    file = read_notebook(path)
    with pytest.raises(ChangedMeanwhile), whole_file(path, file.identity):
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert [each.name for each in tmp_path.iterdir()] == ["a.ipynb"]


def test_an_import_goes_on_with_what_somebody_has_written_meanwhile(
    program: Program, store: VerifiedStore, tmp_path: Path
) -> None:
    """Somebody saves the notebook over and over."""
    path = save(tmp_path / "a.ipynb", notebook(cell(stream("0" * 5000))))
    with program.start("import", str(path)) as process:
        number = 0
        while process.poll() is None:
            number += 1
            save(tmp_path / "aside", notebook(cell(stream(str(number % 10) * 5000)))).replace(path)
            time.sleep(0.002)
        assert process.returncode in (0, 1)
    save(path, notebook(cell(stream("z" * 5000))))
    program.run("import", str(path))
    assert references(path) == [True]


def test_a_link_stays_a_link_and_a_file_with_two_names_is_refused(program: Program, tmp_path: Path) -> None:
    target = save(tmp_path / "far" / "b.ipynb", many_types())
    link = tmp_path / "a.ipynb"
    link.symlink_to(target)
    program.run("import", str(link))
    assert link.is_symlink()
    assert any(references(target))
    (tmp_path / "second.ipynb").hardlink_to(target)
    before = target.read_bytes()
    assert "several names" in program.run("restore", str(target), code=1).stderr.decode()
    assert target.read_bytes() == before


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_kills_in_the_middle_leave_whole_files_and_the_same_command_goes_on(program: Program, tmp_path: Path) -> None:
    paths = [save(tmp_path / "books" / f"{number}.ipynb", many_types()) for number in range(4)]
    complete = written(many_types())
    for number in range(KILLS):
        command = ("import", "restore")[number % 2]
        with program.start(command, str(tmp_path / "books")) as process:
            kill_while_it_writes(process, tmp_path / "books")
            process.communicate()
        for path in paths:
            content = path.read_bytes()
            assert content == complete or REFERENCE_MIME_TYPE.encode() in content
            nbformat.validate(nbformat.read(path, 4))
    program.run("import", str(tmp_path / "books"))
    program.run("restore", str(tmp_path / "books"))
    assert [path.read_bytes() for path in paths] == [complete] * 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    with small_disks.small_disk(tmp_path / "small", "256k") as point:
        yield point


def test_on_a_full_disk_the_notebook_stays_as_it_was(program: Program, store: VerifiedStore, small_disk: Path) -> None:
    path = save(small_disk / "a.ipynb", thin(many_types(), store))
    before = path.read_bytes()
    assert "No space left" in program.run("restore", str(path), code=1).stderr.decode()
    assert path.read_bytes() == before
    assert [each.name for each in small_disk.iterdir()] == ["a.ipynb"]


def test_a_full_store_leaves_the_notebook_as_it_was(program: Program, small_disk: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "a.ipynb", notebook(cell(stream("".join(map(str, range(100_000)))))))
    before = path.read_bytes()
    program.run("import", "--store", str(small_disk / "store"), str(path), code=6)
    assert path.read_bytes() == before
