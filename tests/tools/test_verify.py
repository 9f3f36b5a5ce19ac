"""``verify``."""

from __future__ import annotations

import sys
from pathlib import Path

import fsspec
import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.model.offload import offload
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import opened
from .program import Program
from .terminal import on_a_terminal
from .test_stats import PICTURE, PLOT, POLICY, STREAM, write_notebook

ARTIFACTS = [b"%d" % number * 5000 for number in range(20)]


def damage(url: str, digest: Digest) -> None:
    """Flip bytes behind the store's back; its size stays."""
    filesystem, root = fsspec.url_to_fs(url)
    path = f"{root}/{key_of(digest)}"
    filesystem.pipe_file(path, bytes(255 - byte for byte in filesystem.cat_file(path)))


def test_a_corrupt_artifact_is_moved_to_the_quarantine_and_writing_it_again_heals_it(
    program: Program, anywhere: str
) -> None:
    store = opened(anywhere)
    digests = store.put_many(ARTIFACTS)
    damage(anywhere, digests[3])
    told = program.json("verify", "--store", anywhere, code=4)
    assert (told["corrupt"], told["verified"]) == ([digests[3].hex], len(ARTIFACTS) - 1)
    store = opened(anywhere)
    assert [entry.digest for entry in store.blobs.entries(Area.QUARANTINE)] == [digests[3]]
    assert digests[3] not in set(store.digests())
    store.put(ARTIFACTS[3])
    told = program.json("verify", "--store", anywhere)
    assert (told["corrupt"], told["verified"]) == ([], len(ARTIFACTS))
    assert told["bytes"] == sum(map(len, ARTIFACTS))


def test_a_dry_run_only_tells(program: Program, store: VerifiedStore) -> None:
    digest = store.put(b"abc")
    damage(store.blobs.where, digest)
    ran = program.run("verify", "--dry-run", code=4)
    assert f"{digest}  corrupt\n" in ran.stdout.decode()
    assert list(store.digests()) == [digest]
    assert f"{digest}  corrupt, moved to the quarantine" in program.text("verify", code=4)
    assert "0 artifacts" in program.text("verify")


def test_only_the_digests_that_are_given_are_looked_at(program: Program, store: VerifiedStore) -> None:
    good, bad = store.put(b"good"), store.put(b"bad")
    damage(store.blobs.where, bad)
    assert program.json("verify", good.hex)["verified"] == 1
    assert program.json("verify", good.hex[:8], bad.hex, code=4)["corrupt"] == [bad.hex]
    assert program.json("verify", "0" * 64, code=3)["missing"] == ["0" * 64]


def test_a_notebook_s_artifacts_and_what_only_the_store_has_of_them(program: Program, store: VerifiedStore) -> None:
    stream = offload(STREAM, POLICY)
    segments = store.put_many([*stream.artifacts.values()])
    notebook = str(write_notebook(program.home / "root" / "a.ipynb", stream.output, PLOT))
    store.put(b"of another")
    told = program.json("verify", "--notebook", notebook)
    assert (told["verified"], told["not_stored"]) == (len(segments), 1)
    store.put(PICTURE)
    store.delete(segments[0])
    damage(store.blobs.where, Digest.of(PICTURE))
    told = program.json("verify", "--notebook", notebook, code=4)
    assert (told["missing"], told["corrupt"]) == ([segments[0].hex], [Digest.of(PICTURE).hex])
    assert "cannot be read as a notebook" in program.error("verify", "--notebook", "nowhere.ipynb", code=2)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
class TestProgress:
    def test_a_terminal_shows_a_bar_and_how_far_it_is(self, program: Program, store: VerifiedStore) -> None:
        store.put_many(ARTIFACTS)
        code, shown = on_a_terminal(program, "verify")
        assert code == 0
        assert "verified:   0%|" in shown
        assert "\r" in shown

    def test_there_is_none_in_a_pipe(self, program: Program, store: VerifiedStore) -> None:
        store.put_many(ARTIFACTS)
        assert program.run("verify").stderr == b""

    def test_results_in_a_file_hold_no_bar(self, program: Program, store: VerifiedStore) -> None:
        store.put_many(ARTIFACTS)
        with (program.home / "result").open("wb") as file:
            _, shown = on_a_terminal(program, "verify", "--json", stdout=file.fileno())
        assert "verified:" in shown
        assert (program.home / "result").read_bytes().startswith(b'{"store"')

    def test_a_terminal_without_unicode_gets_one_of_plain_characters(
        self, program: Program, store: VerifiedStore
    ) -> None:
        store.put_many(ARTIFACTS)
        program.environment["PYTHONIOENCODING"] = "ascii"
        code, shown = on_a_terminal(program, "verify")
        assert code == 0
        assert shown.isascii()
        assert "verified:   0%|" in shown


def test_a_store_that_does_not_answer_ends_it_with_its_code(program: Program, s3: str) -> None:
    opened(s3).put(b"abc")
    program.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    program.environment["AWS_MAX_ATTEMPTS"] = "1"
    assert "cannot" in program.error("verify", "--store", s3, code=5)


def test_the_file_that_is_unreadable_is_named_and_the_rest_verified(program: Program, store: VerifiedStore) -> None:
    digests = store.put_many([b"one", b"two"])
    path = Path(store.blobs.where) / key_of(digests[0])
    path.unlink()
    path.mkdir()  # for whoever is root, nothing is unreadable
    told = program.json("verify", digests[0].hex, digests[1].hex, code=3)
    assert (told["missing"], told["verified"]) == ([digests[0].hex], 1)
