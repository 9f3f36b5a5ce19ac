"""``export`` to a zip: the artifacts are files, and what is beside them leads to each."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jupyter_crdt_outputs.model.reference import reference_in
from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .notebooks import PNG, cell, display, many_types, notebook, save, stream, thin, written
from .program import HereProgram, Program

PAGES = {"notebook": "a.ipynb", "markdown": "a.md", "html": "a.html"}
FILES = [
    "data/cell-4-output-4.plotly.v1.json",
    "data/cell-4-output-5.json",
    "figures/cell-4-output-1.png",
    "figures/cell-4-output-2.png",
    "figures/cell-4-output-3.svg",
    "text/cell-3-output-1-stdout.txt",
]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return HereProgram(tmp_path)


@pytest.fixture
def saved(tmp_path: Path, store: VerifiedStore) -> Path:
    return save(tmp_path / "a.ipynb", thin(many_types(), store))


def exported(program: Program, path: Path, to: str, *options: str) -> zipfile.ZipFile:
    target = path.with_suffix(".zip")
    program.run("export", "--force", str(path), "-o", str(target), "--to", to, *options)
    archive = zipfile.ZipFile(target)
    assert archive.testzip() is None
    return archive


@pytest.mark.parametrize("to", PAGES)
def test_every_artifact_is_a_file_and_the_page_leads_to_each(program: Program, saved: Path, to: str) -> None:
    with exported(program, saved, to) as archive:
        assert archive.namelist()[0] == PAGES[to]
        assert sorted(archive.namelist()[1:]) == FILES
        page = archive.read(PAGES[to]).decode()
        if to == "notebook":
            assert page.encode() == written(many_types())
        else:
            assert all(re.search(rf'[("]{re.escape(name)}[)"]', page) for name in FILES)
            assert "ref.v1+json" not in page
        outputs = many_types()["cells"][3]["outputs"]
        assert archive.read(FILES[2]) == base64.b64decode(PNG)
        assert archive.read(FILES[4]).decode() == outputs[2]["data"]["image/svg+xml"]
        assert json.loads(archive.read(FILES[0])) == outputs[3]["data"]["application/vnd.plotly.v1+json"]
        assert archive.read(FILES[5]) == b"x" * 3_000_000
        stored = {info.filename for info in archive.infolist() if info.compress_type == zipfile.ZIP_STORED}
        assert stored == {name for name in FILES if name.endswith(".png")}


@pytest.mark.parametrize("to", PAGES)
def test_equal_notebooks_give_equal_zips_with_references_or_without(
    program: Program, saved: Path, store: VerifiedStore, to: str
) -> None:
    interactive = cell(display(application_javascript="1", text_plain="x"))
    complete = many_types()
    complete["cells"].append(interactive | {"id": "last"})
    save(saved, thin(complete, store))
    first = exported(program, saved, to)
    other = save(saved.parent / "other" / "a.ipynb", complete)
    second = exported(program, other, to)
    assert Path(str(first.filename)).read_bytes() == Path(str(second.filename)).read_bytes()
    first.close()
    second.close()


def test_small_text_is_in_the_page_and_pictures_never_are(program: Program, tmp_path: Path) -> None:
    complete = notebook(
        cell(stream("short\n" * 100), display(text_html="<b>bold</b>" * 100, text_plain="bold")),
        cell(display(image_gif="R0lGODlhAQABAAAAACw=", text_plain="a gif")),
        cell(display(text_html="<i>" + "long" * 50_000, text_plain="i")),
    )
    path = save(tmp_path / "a.ipynb", complete)
    with exported(program, path, "html") as archive:
        page = archive.read("a.html").decode()
        assert "short\nshort" in page
        assert "<b>bold</b>" in page
        assert re.search('<img [^>]*src="figures/cell-2-output-1.gif"', page)
        assert re.search('<iframe [^>]*src="figures/cell-3-output-1.html"', page)
        assert "longlong" not in page
        assert "data:image/gif" not in page
    with exported(program, path, "markdown") as archive:
        page = archive.read("a.md").decode()
        assert "![cell-2-output-1.gif](figures/cell-2-output-1.gif)" in page
        assert "[cell-3-output-1.html](figures/cell-3-output-1.html)" in page


def test_attachments_are_files_whatever_they_are_called(program: Program, tmp_path: Path) -> None:
    text = {
        "cell_type": "markdown",
        "metadata": {},
        "id": "a",
        "source": "![x](attachment:../../evil.png) ![y](attachment:../../evil.png2)",
        "attachments": {"../../evil.png": {"image/png": PNG}, "../../evil.png2": {"image/png": "AAAA"}},
    }
    path = save(tmp_path / "a.ipynb", notebook(text))
    with exported(program, path, "markdown") as archive:
        assert sorted(archive.namelist()) == [
            "a.md",
            "figures/cell-1-attachment-1.png",
            "figures/cell-1-attachment-2.png",
        ]
        page = archive.read("a.md").decode()
        assert "![x](figures/cell-1-attachment-1.png) ![y](figures/cell-1-attachment-2.png)" in page


@pytest.mark.parametrize(
    "mime",
    ["image/../../evil", "application/vnd.a/../../../b+json", "x/C:\\evil", "image/\x00", "a", "video/" + "x" * 500],
)
def test_no_type_makes_a_name_that_is_not_safe(program: Program, tmp_path: Path, mime: str) -> None:
    path = save(tmp_path / "..evil\\ .ipynb", notebook(cell(display(**{mime.replace("/", "_", 1): "abc"}))))
    target = tmp_path / "a.zip"
    program.run("export", str(path), "-o", str(target), "--to", "markdown")
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert names[0] == "evil_.md"
        for name in names[1:]:
            assert re.fullmatch(r"[a-z]+/cell-1-output-1[a-z0-9.-]{0,50}", name), name
            assert ".." not in name


def test_two_types_with_one_ending_are_two_files(program: Program, tmp_path: Path) -> None:
    data = {"application/json": {"a": 1}, "application/x.json": "AAAA", "application/vnd.json+json": {}}
    path = save(tmp_path / "a.ipynb", notebook(cell({"output_type": "display_data", "data": data, "metadata": {}})))
    with exported(program, path, "markdown") as archive:
        assert len(set(archive.namelist())) == len(archive.namelist()) == 4


def test_a_lost_artifact_fails_it_and_a_placeholder_is_in_the_page_when_asked(
    program: Program, saved: Path, store: VerifiedStore
) -> None:
    [digest] = reference_in(json.loads(saved.read_bytes())["cells"][3]["outputs"][0]).digests  # type: ignore[union-attr]
    (Path(store.blobs.where) / key_of(digest)).write_bytes(b"something")
    target = saved.with_suffix(".zip")
    told = program.run("export", str(saved), "-o", str(target), "--to", "html", code=4).stderr.decode()
    assert "cell 4 (id cell-3), output 1: " in told
    assert sorted(path.name for path in saved.parent.iterdir() if path.is_file()) == ["a.ipynb"]
    with exported(program, saved, "html", "--allow-missing") as archive:
        assert b"This output is missing from this copy" in archive.read("a.html")


def test_a_folder_of_pages_is_a_folder_of_zips(program: Program, saved: Path, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    saved.rename(books / "a.ipynb")
    told: Any = program.json("export", str(books), "-o", str(tmp_path / "out"), "--to", "markdown")
    assert [Path(each["output"]).name for each in told["exported"]] == ["a.zip"]
    assert zipfile.is_zipfile(tmp_path / "out" / "a.zip")
