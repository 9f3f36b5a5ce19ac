"""Whatever a file system raises becomes one of two decisions, with advice."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactMissing, CrdtOutputsError, StoreFull, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.failures import store_errors
from jupyter_crdt_outputs.testing.faulty_store import FullStore, HangingStore, UnavailableStore


@pytest.mark.parametrize(
    ("raised", "becomes", "said"),
    [
        (OSError(errno.ENOSPC, "x"), StoreFull, "Make room there"),
        (OSError(errno.EDQUOT, "x"), StoreFull, "Make room there"),
        (PermissionError(errno.EACCES, "x"), StoreUnavailable, "right to read and write"),
        (OSError(errno.EROFS, "x"), StoreUnavailable, "mounted read-only"),
        (OSError(errno.EIO, "x"), StoreUnavailable, "Try again later"),
        (TimeoutError(), StoreUnavailable, "Try again later"),
        (RuntimeError("what a driver says"), StoreUnavailable, "what a driver says"),
        (ArtifactMissing("as it is"), ArtifactMissing, "as it is"),
    ],
)
def test_an_error_becomes_a_decision(raised: Exception, becomes: type[CrdtOutputsError], said: str) -> None:
    with pytest.raises(becomes, match=said) as caught, store_errors("write to", "/srv/outputs"):
        raise raised
    assert caught.value is raised or "/srv/outputs" in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        "no route to sftp://user:hunter2@host/outputs",
        "403 for https://account.blob.core.windows.net/c/o?sv=1&sig=hunter2",
        "AccountName=a;AccountKey=hunter2;EndpointSuffix=core",
        "GET /o?X-Amz-Credential=a&X-Amz-Security-Token=hunter2",
        "password=hunter2 was refused",
    ],
)
def test_what_a_driver_says_is_shown_without_what_may_be_secret_in_it(said: str) -> None:
    """Neither in the message nor, where a log shows what an error came from, there."""
    with pytest.raises(StoreUnavailable) as caught, store_errors("read from", "the place"):
        raise RuntimeError(said)
    assert "RuntimeError: " in str(caught.value)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_full_store_can_still_be_read_and_recovers(tmp_path: Path) -> None:
    store = FullStore(open_store(str(tmp_path)), broken=False)
    digest = store.put(b"abc")
    store.broken = True
    with pytest.raises(StoreFull):
        store.put(b"def")
    with pytest.raises(StoreFull):
        store.put_many([b"def"])
    assert store.get(digest) == b"abc"
    store.broken = False
    assert store.get(store.put(b"def")) == b"def"


def test_an_unavailable_store_answers_nothing(tmp_path: Path) -> None:
    store = UnavailableStore(open_store(str(tmp_path)))
    for call in (
        lambda: store.put(b""),
        lambda: store.get(Digest.of(b"")),
        lambda: store.size(Digest.of(b"")),
        lambda: store.verify(Digest.of(b"")),
        lambda: store.read(Digest.of(b""), 0, 0),
        lambda: list(store.digests()),
        lambda: store.delete(Digest.of(b"")),
    ):
        with pytest.raises(StoreUnavailable):
            call()


def test_a_hanging_store_goes_on_when_released(tmp_path: Path) -> None:
    store = HangingStore(open_store(str(tmp_path)))
    store.release()
    assert store.get(store.put(b"abc")) == b"abc"
    assert store.reached.is_set()
