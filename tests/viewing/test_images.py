"""Pictures no larger than somebody wants them, made of whatever somebody called a picture."""

from __future__ import annotations

import io
import random
import sys

import pytest
from PIL import Image

from jupyter_crdt_outputs.errors import ImageTooLarge
from jupyter_crdt_outputs.viewing.images import Images

from ..notebooks.outputs import png

PICTURE = png(random.Random(3), 300, 200)


def drawn(form: str) -> bytes:
    written = io.BytesIO()
    Image.open(io.BytesIO(PICTURE)).save(written, form)
    return written.getvalue()


@pytest.mark.parametrize(
    ("form", "made"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "png"), ("WEBP", "png"), ("BMP", "png")]
)
def test_a_picture_of_any_common_type_is_made_smaller(form: str, made: str) -> None:
    small, mime = Images().fitting(drawn(form), f"image/{form.lower()}", 30, None)
    assert mime == f"image/{made}"
    assert Image.open(io.BytesIO(small)).size == (30, 20)


@pytest.mark.parametrize("max_bytes", [2_000, 20_000, 100_000])
def test_a_picture_has_no_more_bytes_than_were_asked_for(max_bytes: int) -> None:
    small, _ = Images().fitting(PICTURE, "image/png", 250, max_bytes)
    assert len(small) <= max_bytes
    assert max(Image.open(io.BytesIO(small)).size) <= 250


def test_a_picture_that_was_made_smaller_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    images = Images()
    first = images.fitting(PICTURE, "image/png", 30, None)
    monkeypatch.setattr(images, "_made_smaller", None)
    assert images.fitting(PICTURE, "image/png", 30, None) is first


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", PICTURE[:1000], PICTURE[:16] + (200_000).to_bytes(4, "big") * 2 + PICTURE[24:]],
    ids=["empty", "nonsense", "torn", "a bomb"],
)
def test_what_is_no_picture_or_a_huge_one_is_refused(data: bytes) -> None:
    with pytest.raises(ImageTooLarge):
        Images().fitting(data, "image/png", 30, None)


def test_without_pillow_a_picture_comes_if_it_fits_and_else_it_is_said_what_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in [name for name in sys.modules if name == "PIL" or name.startswith("PIL.")]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert Images().fitting(PICTURE, "image/png", 300, len(PICTURE)) == (PICTURE, "image/png")
    with pytest.raises(ImageTooLarge, match="thumbnails"):
        Images().fitting(PICTURE, "image/png", 30, None)
