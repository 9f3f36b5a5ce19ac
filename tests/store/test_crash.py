"""SIGKILL in the middle of writing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store

from .places import artifact_files, partial_files

KILLS = 200 if os.environ.get("CRDT_OUTPUTS_LONG") == "1" else 20

WRITER = """
import os, sys
from jupyter_crdt_outputs.store import open_store
store = open_store(sys.argv[1])
print("ready", flush=True)
while True:
    print(store.put(os.urandom(3_000_000)), flush=True)
    print(*store.put_many([os.urandom(50_000) for _ in range(6)]), flush=True)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_writer_leaves_no_partial_artifact_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(7)
    interrupted = acknowledged = 0
    for kill in range(KILLS):
        root = tmp_path / f"store{kill}"
        with subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.15))
            writer.send_signal(signal.SIGKILL)
            lines = writer.stdout.read().splitlines(keepends=True)
        digests = [Digest.parse(word) for line in lines if line.endswith("\n") for word in line.split()]
        assert partial_files(root) == []
        assert set(digests) <= {Digest.parse(path.name) for path in artifact_files(root)}
        store = open_store(str(root))
        assert all(store.verify(digest) for digest in digests)
        store.put(b"the next server goes on")
        acknowledged += len(digests)
        interrupted += any((root / "tmp").iterdir())
    assert acknowledged, "no writer came to its first artifact: the test shows nothing"
    assert interrupted, "no writer was killed in the middle of an artifact: the test shows nothing"
