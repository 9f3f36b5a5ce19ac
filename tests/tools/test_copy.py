"""``copy``."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_crdt_outputs.store.layout import key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import opened
from .program import Program

ARTIFACTS = [b"%d" % number * (1 + number * 50) for number in range(40)]


def test_copy_takes_all_that_is_missing_and_goes_on_where_it_was_ended(program: Program, s3: str) -> None:
    source = opened(str(program.home / "source"))
    digests = source.put_many(ARTIFACTS)
    opened(s3).put_many(ARTIFACTS[:30])
    told = program.json("copy", source.blobs.where, s3)
    assert (told["copied"], told["already_there"]) == (10, 30)
    assert told["bytes"] == sum(map(len, ARTIFACTS[30:]))
    assert sorted(opened(s3).digests()) == sorted(digests)
    back = str(program.home / "back")
    assert "40 artifacts" in program.text("copy", s3, back)
    assert [opened(back).get(digest) for digest in digests] == ARTIFACTS
    assert program.json("copy", s3, back)["already_there"] == 40


def test_copy_writes_again_what_has_the_wrong_size(program: Program, store: VerifiedStore, tmp_path: Path) -> None:
    digest = store.put(b"abc")
    target = opened(str(tmp_path / "target"))
    target.put(b"abc")
    (tmp_path / "target" / key_of(digest)).write_bytes(b"ab")
    assert program.json("copy", store.blobs.where, target.blobs.where)["copied"] == 1
    assert target.get(digest) == b"abc"


def test_copy_leaves_out_what_is_corrupt_and_names_it(program: Program, store: VerifiedStore, tmp_path: Path) -> None:
    digests = store.put_many(ARTIFACTS)
    (Path(store.blobs.where) / key_of(digests[7])).write_bytes(b"something else")
    target = str(tmp_path / "target")
    told = program.json("copy", store.blobs.where, target, code=4)
    assert told["corrupt"] == [digests[7].hex]
    assert sorted(opened(target).digests()) == sorted(set(digests) - {digests[7]})


def test_a_dry_run_writes_nothing(program: Program, store: VerifiedStore, tmp_path: Path) -> None:
    store.put_many(ARTIFACTS)
    told = program.json("copy", "--dry-run", store.blobs.where, str(tmp_path / "target"))
    assert (told["copied"], told["dry_run"]) == (40, True)
    assert "would be copied" in program.text("copy", "--dry-run", store.blobs.where, str(tmp_path / "target"))
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("url", ["{0}", "{0}/", "file://{0}"])
def test_a_store_is_not_copied_onto_itself(program: Program, store: VerifiedStore, url: str) -> None:
    where = store.blobs.where
    assert "one and the same" in program.error("copy", where, url.format(where), code=2)
