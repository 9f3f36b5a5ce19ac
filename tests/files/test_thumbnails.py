"""Small pictures in the place of large ones, made of whatever somebody called a picture."""

from __future__ import annotations

import base64
import io
import logging
import random
import re
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from jupyter_crdt_outputs.errors import InvalidSetting
from jupyter_crdt_outputs.files import NotebookFiles, thumbnails
from jupyter_crdt_outputs.files.thumbnails import Thumbnails
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.policy import Policy
from jupyter_crdt_outputs.model.reference import BundleReference, Part, reference_in
from jupyter_crdt_outputs.model.snapshot import CellSnapshot
from jupyter_crdt_outputs.settings import Settings
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.archive import Archive
from jupyter_crdt_outputs.store.artifact_store import ArtifactStore
from jupyter_crdt_outputs.stores import Stores

LOG = logging.getLogger(__name__)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path / "store"))


def drawn(form: str, mode: str = "RGB", size: tuple[int, int] = (1200, 900), **more: Any) -> bytes:
    """A picture with much in it."""
    noise = Image.frombytes("L", (12, 9), random.Random(7).randbytes(108)).resize(size).convert(mode)
    written = io.BytesIO()
    noise.save(written, form, **more)
    return written.getvalue()


def reference_to(store: ArtifactStore, mime: str, data: bytes) -> BundleReference:
    return BundleReference({mime: Part(store.put(data), len(data), "base64")})


def opened(thumbnail: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(thumbnail)))


@pytest.mark.parametrize(
    ("mime", "form", "mode"),
    [
        ("image/png", "PNG", "RGB"),
        ("image/png", "PNG", "RGBA"),
        ("image/png", "PNG", "P"),
        ("image/png", "PNG", "LA"),
        ("image/png", "PNG", "1"),
        ("image/png", "PNG", "I;16"),
        ("image/jpeg", "JPEG", "RGB"),
        ("image/jpeg", "JPEG", "L"),
        ("image/jpeg", "JPEG", "CMYK"),
    ],
)
def test_a_thumbnail_is_a_small_picture_of_the_same_type_and_always_the_same(
    store: ArtifactStore, mime: str, form: str, mode: str
) -> None:
    data = drawn(form, "L" if mode == "I;16" else mode)
    if mode == "I;16":
        written = io.BytesIO()
        Image.new("I;16", (1200, 900), 40000).save(written, "PNG")
        data = written.getvalue() + bytes(50_000)
    reference = reference_to(store, mime, data)
    made = Thumbnails(store, LOG)(reference)
    assert made == Thumbnails(store, LOG)(reference)
    picture = opened(made[mime])
    assert picture.format == form
    assert picture.size in ((480, 360), (320, 240))
    assert len(made[mime]) < 45_000


def test_one_that_shows_noise_is_smaller_still_and_one_that_would_not_be_smaller_is_not_made(
    store: ArtifactStore,
) -> None:
    noise = io.BytesIO()
    Image.frombytes("RGB", (400, 400), random.Random(7).randbytes(480_000)).save(noise, "PNG")
    made = Thumbnails(store, LOG)(reference_to(store, "image/png", noise.getvalue()))
    assert max(opened(made["image/png"]).size) < 480
    dot = io.BytesIO()
    Image.new("RGB", (2, 2)).save(dot, "PNG")
    assert Thumbnails(store, LOG)(reference_to(store, "image/png", dot.getvalue())) == {}


def test_a_photograph_is_turned_as_its_header_says_and_tells_nothing_of_where_it_was_taken(
    store: ArtifactStore,
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera"
    made = Thumbnails(store, LOG)(reference_to(store, "image/jpeg", drawn("JPEG", exif=exif)))
    picture = opened(made["image/jpeg"])
    assert picture.size == (360, 480)
    assert not picture.getexif()


def test_it_is_made_once_and_read_once(store: ArtifactStore) -> None:
    reference = reference_to(store, "image/png", drawn("PNG"))
    of = Thumbnails(store, LOG)
    made = of(reference)
    store.delete(reference.parts["image/png"].digest)
    assert of(reference) == made != {}


def test_a_picture_that_is_missing_now_is_looked_for_again(store: ArtifactStore) -> None:
    data = drawn("PNG")
    reference = BundleReference({"image/png": Part(Digest.of(data), len(data), "base64")})
    of = Thumbnails(store, LOG)
    assert of(reference) == {}
    store.put(data)
    assert of(reference) != {}


def test_a_file_that_lacks_a_thumbnail_has_it_with_the_next_save_although_nobody_changed_the_cell(
    store: ArtifactStore, tmp_path: Path
) -> None:
    archive = Archive(store, Policy(256, 1 << 20), Thumbnails(store, LOG))
    picture = {"output_type": "display_data", "metadata": {}}
    picture["data"] = {"image/png": base64.b64encode(drawn("PNG")).decode()}
    notebook = archive.offload_notebook(new_notebook(cells=[new_code_cell(outputs=[picture])]))
    notebook["cells"] = [CellSnapshot(cell) for cell in notebook["cells"]]
    [output] = notebook["cells"][0]["outputs"]
    archive.came_from_file(output)  # so that there is no original to be lost
    [digest] = reference_in(output).digests  # type: ignore[union-attr]
    data = store.get(digest)
    store.delete(digest)
    files, path = NotebookFiles(archive), tmp_path / "a.ipynb"

    def shown() -> set[str]:
        with NotebookNotary(data_dir=str(tmp_path)) as notary:
            files.save(path, notebook, notary, "sha256", 256)
        return set(nbformat.read(path, 4)["cells"][0]["outputs"][0]["data"])

    assert "image/png" not in shown()
    store.put(data)
    assert "image/png" in shown()


def test_what_is_no_picture_of_its_type_has_no_thumbnail(store: ArtifactStore) -> None:
    of = Thumbnails(store, LOG)
    for mime, data in [
        ("image/png", b""),
        ("image/png", b"not a picture" * 1000),
        ("image/png", drawn("PNG")[:5000]),
        ("image/png", drawn("JPEG")),
        ("image/svg+xml", b"<svg/>" * 1000),
        ("text/html", drawn("PNG")),
    ]:
        assert of(reference_to(store, mime, data)) == {}, mime


def test_a_small_file_that_holds_a_huge_picture_is_not_decoded(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """8,000 by 8,000 pixels of nothing: 60 kB in the file, and 256 MB in memory."""
    side = 8000

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)

    header = side.to_bytes(4) * 2 + bytes([8, 6, 0, 0, 0])
    rows = zlib.compress(bytes((side * 4 + 1) * 16))  # the decoder would need more; it must not come so far
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    decoded: list[object] = []
    monkeypatch.setattr(Image.Image, "load", lambda self: decoded.append(self))
    monkeypatch.setattr(Image.Image, "convert", lambda self, *_: decoded.append(self))
    assert Thumbnails(store, LOG)(reference_to(store, "image/png", bomb)) == {}
    assert decoded == []


def test_a_file_that_is_huge_itself_is_not_read_whole(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MAX_SOURCE_BYTES", 10_000)
    data = drawn("PNG", size=(2000, 1500))
    assert len(data) > 10_000
    reference = BundleReference({"image/png": Part(store.put(data), 100, "base64")})  # it lies about its size
    assert Thumbnails(store, LOG)(reference) == {}


def test_without_pillow_the_start_ends_and_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    settings = Settings(str(tmp_path / "store"))
    Stores(settings, tmp_path, lambda _: None, LOG)
    with pytest.raises(InvalidSetting, match=re.escape("pip install 'jupyter-crdt-outputs[thumbnails]'")):
        Stores(replace(settings, thumbnails=True), tmp_path, lambda _: None, LOG)
