"""``ls`` and ``cat``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.layout import Area, key_of
from jupyter_crdt_outputs.store.verified_store import VerifiedStore

from .conftest import opened
from .program import Program
from .terminal import on_a_terminal

POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
LARGE = os.urandom(100_000) * 200


def test_ls_lists_every_artifact_with_its_size_and_age_on_any_store(program: Program, anywhere: str) -> None:
    artifacts = [b"x" * size for size in (5, 1000, 2_345_678)]
    digests = opened(anywhere).put_many(artifacts)
    listed = {line["digest"]: line for line in program.lines("ls", "--store", anywhere)}
    assert {digest.hex: len(data) for digest, data in zip(digests, artifacts, strict=True)} == {
        digest: line["size"] for digest, line in listed.items()
    }
    assert all(line["modified"].endswith("Z") for line in listed.values())
    assert "2.3 MB" in program.text("ls", "--store", anywhere)


def test_ls_sorts_and_limits(program: Program, store: VerifiedStore) -> None:
    root = Path(store.blobs.where)
    for days, size in enumerate((300, 100, 200)):
        path = root / key_of(store.put(b"x" * size))
        os.utime(path, (path.stat().st_mtime - days * 86400,) * 2)

    def sizes(*arguments: str) -> list[int]:
        return [line["size"] for line in program.lines("ls", *arguments)]

    assert sizes("--sort", "size") == [300, 200, 100]
    assert sizes("--sort", "size", "--reverse") == [100, 200, 300]
    assert sizes("--sort", "age") == [300, 100, 200]
    assert sizes("--sort", "size", "--limit", "2") == [300, 200]
    assert sizes("--sort", "age", "--reverse", "--limit", "1") == [200]
    assert len(sizes("--limit", "2")) == 2
    assert "2 d" in program.text("ls", "--sort", "age")
    digests = [line["digest"] for line in program.lines("ls", "--sort", "digest")]
    assert digests == sorted(digests)


def test_ls_looks_into_the_trash(program: Program, store: VerifiedStore) -> None:
    digest = store.put(b"abc")
    store.put(b"other")
    store.blobs.move(digest, Area.ARTIFACTS, Area.TRASH)
    assert [line["digest"] for line in program.lines("ls", "--area", "trash")] == [digest.hex]


def test_cat_gives_the_bytes_for_a_digest_or_its_beginning(program: Program, anywhere: str) -> None:
    store = opened(anywhere)
    digest, large = store.put_many([b"\0\1\2\xff", LARGE])
    assert program.run("cat", digest.hex, "--store", anywhere).stdout == b"\0\1\2\xff"
    assert program.run("cat", digest.hex[:8], "--store", anywhere).stdout == b"\0\1\2\xff"
    assert program.run("cat", large.hex[:12].upper(), "--store", anywhere).stdout == LARGE


def test_cat_refuses_what_is_no_digest_too_short_ambiguous_or_missing(program: Program, store: VerifiedStore) -> None:
    digest = store.put(b"abc").hex
    assert "first 8 or more" in program.error("cat", digest[:7], code=2)
    assert "no digest" in program.error("cat", "../../etc/passwd", code=2)
    assert "begins with 00000000" in program.error("cat", "00000000", code=3)
    twin = Path(store.blobs.where) / key_of(Digest.parse(digest[:-1] + ("0" if digest[-1] != "0" else "1")))
    twin.write_bytes(b"another")
    assert "2 artifacts begin with" in program.error("cat", digest[:20], code=2)


@pytest.mark.parametrize("size", [1000, len(LARGE)])
def test_cat_writes_not_a_byte_of_a_corrupt_artifact(program: Program, store: VerifiedStore, size: int) -> None:
    digest = store.put(LARGE[:size])
    path = Path(store.blobs.where) / key_of(digest)
    path.write_bytes(LARGE[: size - 1] + bytes([LARGE[size - 1] ^ 1]))
    file = program.home / "file"
    file.write_bytes(b"as it was")
    assert "damaged" in program.error("cat", digest.hex, code=4)
    program.error("cat", digest.hex, "--output", str(file), code=4)
    assert file.read_bytes() == b"as it was"


def test_cat_writes_a_file_and_says_so_in_json(program: Program, store: VerifiedStore) -> None:
    digest, file = store.put(LARGE), program.home / "file"
    told = program.json("cat", digest.hex[:10], "--output", str(file))
    assert told == {"digest": digest.hex, "size": len(LARGE), "output": str(file)}
    assert file.read_bytes() == LARGE
    assert [path.name for path in program.home.iterdir() if path.name.startswith(".")] == []
    assert "--output" in program.error("cat", digest.hex, "--json", code=2)


@POSIX_ONLY
def test_cat_shows_text_on_a_terminal_and_refuses_binary(program: Program, store: VerifiedStore) -> None:
    text, binary = store.put("Grüße\n".encode()), store.put(b"\x89PNG\r\n\x1a\n\0\0")
    assert on_a_terminal(program, "cat", text.hex) == (0, "Grüße\r\n")
    code, told = on_a_terminal(program, "cat", binary.hex)
    assert code == 2
    assert "--output FILE" in told
    assert "PNG" not in told


def test_a_store_that_cannot_be_is_a_wrong_argument(program: Program) -> None:
    assert json.loads(program.error("ls", "--store", "s4://x", "--json", code=2))["exit_code"] == 2
    assert "depends on the folder" in program.error("ls", "--store", "relative", code=2)
