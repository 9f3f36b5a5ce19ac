"""Both suites of a store, for the files that start a server."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

import pytest

from jupyter_crdt_outputs.errors import StoreUnavailable
from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store import open_store
from jupyter_crdt_outputs.store.opening import open_blobs
from jupyter_crdt_outputs.testing.blobs_suite import BlobsOpener, BlobsSuite
from jupyter_crdt_outputs.testing.store_suite import ArtifactStoreSuite, Opener, Overwriter

from . import servers


def assert_said(work: Callable[[], object], said: str) -> None:
    """Whatever is wrong, *work* says it, what to do about it, and none of the secrets of the tests."""
    with pytest.raises(StoreUnavailable, match=said) as caught:
        work()
    shown = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in servers.SECRETS if secret in shown]


class ServerSuite(ArtifactStoreSuite, BlobsSuite):
    """Override ``url``."""

    tick_s = 0.0  # of the clock by which a server tells that a file was written again
    many = 40  # each in a folder of its own, which takes some round trips

    @pytest.fixture
    def url(self) -> str:
        """Of an empty place."""
        raise NotImplementedError

    @pytest.fixture
    def open(self, url: str) -> Opener:
        return lambda: open_store(url)

    @pytest.fixture
    def open_blobs(self, url: str) -> BlobsOpener:
        return lambda: open_blobs(url)

    @pytest.fixture
    def overwrite(self, url: str) -> Overwriter:
        def overwrite(digest: Digest, data: bytes) -> None:
            time.sleep(self.tick_s)
            open_blobs(url).write({digest: data})

        return overwrite
