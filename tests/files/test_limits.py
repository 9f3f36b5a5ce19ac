"""Who says how large an output may be to be in a file."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_crdt_outputs.errors import InvalidSetting
from jupyter_crdt_outputs.files import FileLimits, notebook_limit
from jupyter_crdt_outputs.settings import Settings

LIMITS = FileLimits(
    1000,
    [("handouts/", None), ("/sweeps/**/*.ipynb", 2000), ("sweep[0-9].ipynb", 3000), ("sweeps/late.ipynb", 4000)],
)


def says(value: object) -> dict[str, Any]:
    return {"crdt-outputs": {"file_max_bytes": value}}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("a.ipynb", 1000),
        ("handouts/a.ipynb", None),
        ("course/handouts/week 1/a.ipynb", None),
        ("handouts.ipynb", 1000),
        ("sweeps/a.ipynb", 2000),
        ("sweeps/b/c/a.ipynb", 2000),
        ("other/sweeps/a.ipynb", 1000),
        ("other/sweep7.ipynb", 3000),
        ("sweeps/late.ipynb", 2000),
        ("/sweeps/late.ipynb", 2000),
        ("", 1000),
    ],
)
def test_the_first_rule_that_matches_says_the_limit_and_else_the_server(path: str, limit: int | None) -> None:
    assert LIMITS.of(path, {}) == limit


def test_the_notebook_itself_says_it_first() -> None:
    assert LIMITS.of("handouts/a.ipynb", says(500)) == 500
    assert LIMITS.of("handouts/a.ipynb", says(500.0)) == 500
    assert isinstance(LIMITS.of("handouts/a.ipynb", says(500.0)), int)
    assert LIMITS.of("a.ipynb", says(None)) is None
    assert notebook_limit({}) is None


@pytest.mark.parametrize(
    "value", [255, -1, 0, 1e300, float("inf"), float("nan"), 500.5, True, "500", "", [500], {}, {"a": 500}]
)
def test_what_is_no_limit_in_a_notebook_is_as_if_it_were_not_there(value: object) -> None:
    assert LIMITS.of("a.ipynb", says(value)) == 1000
    assert LIMITS.of("a.ipynb", {"crdt-outputs": value}) == 1000


@pytest.mark.parametrize("limit", [255, -1, (1 << 40) + 1])
def test_a_limit_that_cannot_work_ends_the_start_and_says_what_would(limit: int) -> None:
    with pytest.raises(InvalidSetting, match=rf"CrdtOutputsApp.file_max_bytes = {limit} cannot work: .* from 256 to"):
        Settings("/store", file_max_bytes=limit)
    with pytest.raises(InvalidSetting, match=rf"CrdtOutputsApp.file_max_bytes_for\['a/'\] = {limit} cannot work"):
        Settings("/store", file_max_bytes_for=(("a/", limit),))


@pytest.mark.parametrize("glob", ["", "  ", "# all", "!a/", "\\", "/"])
def test_a_rule_that_is_no_glob_ends_the_start(glob: str) -> None:
    with pytest.raises(InvalidSetting, match=r"CrdtOutputsApp.file_max_bytes_for\[.*\.gitignore"):
        Settings("/store", file_max_bytes_for=((glob, 1000),))
