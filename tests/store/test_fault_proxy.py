"""What becomes of the faults of a network, in front of a real S3 server: a decision, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_crdt_outputs.errors import ArtifactCorrupt, StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import ArtifactStore, open_store
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.remote.deadlines import Deadline
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.testing.fault_proxy import Fault, FaultProxy

DATA = b"0123456789" * 30_000


@pytest.fixture
def proxy(s3_server: str) -> Iterator[FaultProxy]:
    with FaultProxy(s3_server) as proxy:
        yield proxy


@pytest.fixture(params=["s3fs", "obstore"])
def url(request: pytest.FixtureRequest, proxy: FaultProxy, bucket: str) -> str:
    pytest.importorskip(request.param)
    driver = "&driver=obstore" if request.param == "obstore" else ""
    return f"s3://{bucket}/outputs?endpoint_url={proxy.url}{driver}"


@pytest.fixture
def store(url: str) -> ArtifactStore:
    return open_store(url)


@pytest.mark.parametrize("fault", ["REFUSE", "RESET", "ERROR", "SLOW_DOWN"])
def test_a_fault_makes_the_store_unavailable_and_its_end_makes_it_available(
    store: ArtifactStore, proxy: FaultProxy, fault: str
) -> None:
    digest = store.put(DATA)
    proxy.fault = Fault[fault]
    with pytest.raises(StoreUnavailable, match="Try again later"):
        store.get(digest)
    with pytest.raises(StoreUnavailable, match="Try again later"):
        store.put(DATA[1:])
    proxy.fault = Fault.NONE
    assert store.get(digest) == DATA
    assert store.get(store.put(DATA[2:])) == DATA[2:]


@pytest.mark.parametrize("fault", ["HANG", "DRIP"])
def test_waiting_ends_by_the_deadline_whatever_is_asked(
    url: str, store: ArtifactStore, proxy: FaultProxy, fault: str
) -> None:
    """And whatever the driver thinks of it: s3fs waited 44 minutes for a PUT."""
    hasty = VerifiedStore(open_blobs(url, Deadline(0.25, 1 << 40)))
    digest = store.put(DATA)
    proxy.fault = Fault[fault]
    asked: list[Callable[[], object]] = [lambda: hasty.get(digest), lambda: hasty.verify(digest)]
    if fault == "HANG":  # the other one lets requests through, and headers
        asked += [
            lambda: hasty.put(b"abc"),
            lambda: hasty.put(DATA * 4),
            lambda: hasty.size(digest),
            lambda: hasty.delete(Digest.of(b"never put")),
            lambda: list(hasty.digests()),
        ]
    for ask in asked:
        with pytest.raises(StoreUnavailable, match=r"no answer within 0\.25 s"):
            ask()
    proxy.fault = Fault.NONE
    assert store.get(digest) == DATA


def test_an_answer_that_ends_early_is_no_artifact(store: ArtifactStore, proxy: FaultProxy) -> None:
    digest = store.put(DATA)
    proxy.fault = Fault.TRUNCATE
    with pytest.raises(StoreUnavailable):
        store.get(digest)
    with pytest.raises(StoreUnavailable):
        store.read(digest, 0, 5)


def test_a_flipped_bit_is_never_shown(store: ArtifactStore, proxy: FaultProxy) -> None:
    """Found by the driver, by its own sums, or by the store, by the hash."""
    digest = store.put(DATA)
    proxy.fault = Fault.CORRUPT
    for ask in (lambda: store.get(digest), lambda: store.read(digest, 0, 5), lambda: store.verify(digest)):
        with pytest.raises((StoreUnavailable, ArtifactCorrupt)):
            ask()
    proxy.fault = Fault.NONE
    assert store.get(digest) == DATA


def test_a_small_artifact_is_put_in_one_request(store: ArtifactStore, proxy: FaultProxy) -> None:
    store.put(b"first, so that whatever a driver does once is done")
    proxy.requests.clear()
    store.put(b"abc")
    assert [line.split(" ")[0] for line in proxy.requests] == ["PUT"]


def test_an_artifact_put_before_is_not_sent_again(store: ArtifactStore, proxy: FaultProxy) -> None:
    store.put(b"abc")
    proxy.requests.clear()
    store.put(b"abc")
    assert {line.split(" ")[0] for line in proxy.requests} == {"HEAD"}


def test_32_puts_are_on_their_way_at_once(store: ArtifactStore, proxy: FaultProxy) -> None:
    """Neither the driver, its pool of connections nor the deadline makes them wait for each other."""
    store.put(b"connected")
    proxy.requests.clear()
    proxy.fault = Fault.HANG
    artifacts = [b"%d" % number for number in range(32)]
    with ThreadPoolExecutor(len(artifacts)) as pool:
        digests = pool.map(store.put, artifacts)
        deadline = time.monotonic() + 8
        while len(proxy.requests) < len(artifacts) and time.monotonic() < deadline:
            time.sleep(0.01)
        under_way = len(proxy.requests)
        proxy.fault = Fault.NONE
        assert list(digests) == [Digest.of(data) for data in artifacts]
    assert under_way == len(artifacts)
