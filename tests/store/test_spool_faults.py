"""A spool in front of a real server, with every fault between them that a network and a server have."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_crdt_outputs.errors import ArtifactCorrupt, StoreUnavailable
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.store.remote.deadlines import Deadline
from jupyter_crdt_outputs.store.spool import SpooledStore
from jupyter_crdt_outputs.store.verified_store import VerifiedStore
from jupyter_crdt_outputs.testing.fault_proxy import Fault, FaultProxy

from .spooled import LOG, wait_until_uploaded

LONG = os.environ.get("CRDT_OUTPUTS_LONG") == "1"
FAULTS = [fault for fault in Fault if fault is not Fault.NONE] if LONG else [Fault.HANG, Fault.CORRUPT]
DEADLINE = Deadline(1.0, 1 << 24)
LASTS_S = 20.0 if LONG else 0.5


@pytest.fixture
def proxy(s3_server: str) -> Iterator[FaultProxy]:
    with FaultProxy(s3_server) as running:
        yield running


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_whatever_is_wrong_puts_are_kept_reads_are_right_or_fail_and_all_is_uploaded_in_the_end(
    fault: Fault, proxy: FaultProxy, s3_server: str, bucket: str, tmp_path: Path
) -> None:
    far = open_store(f"s3://{bucket}/outputs?endpoint_url={s3_server}")
    elsewhere = [far.put(os.urandom(5000)) for _ in range(2)]
    url = f"s3://{bucket}/outputs?endpoint_url={proxy.url}"
    spooled = SpooledStore(lambda: VerifiedStore(open_blobs(url, DEADLINE)), tmp_path, 1 << 30, 1 << 30, LOG)
    blobs = [os.urandom(50_000) for _ in range(12)]
    digests = spooled.put_many(blobs[:4])
    proxy.fault = fault
    digests += spooled.put_many(blobs[4:8])
    assert [spooled.get(digest) for digest in digests] == blobs[:8]
    for digest in elsewhere:
        with suppress(StoreUnavailable, ArtifactCorrupt):
            assert spooled.get(digest) == far.get(digest)
    time.sleep(LASTS_S)
    proxy.fault = Fault.NONE
    digests += spooled.put_many(blobs[8:])
    wait_until_uploaded(spooled)
    assert [open_store(f"s3://{bucket}/outputs?endpoint_url={s3_server}").get(digest) for digest in digests] == blobs
    spooled.stop()
