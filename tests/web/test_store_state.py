"""The state of the store, over HTTP and as events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jupyter_events import EventLogger
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

from jupyter_crdt_outputs.model.digest import Digest
from jupyter_crdt_outputs.store.state import StoreState
from jupyter_crdt_outputs.web.store_state import SCHEMA_ID, StoreWatch

from .conftest import Server

STORE = "api/crdt-outputs/store"
CALM = {"waiting": 0, "waiting_bytes": 0, "trouble": "", "used_bytes": None, "quota_bytes": None}
BUSY = {"waiting": 3, "waiting_bytes": 4000, "trouble": "the bucket is away", "used_bytes": 1 << 40, "quota_bytes": 5}


def set_state(server: Server, state: dict[str, Any]) -> None:
    server.store_root.with_name(f"{server.store_root.name}-state").write_text(json.dumps(state))


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    set_state(server, CALM)
    with server.client() as client:
        yield client


def test_the_state_is_what_the_store_says_now(server: Server, client: httpx.Client) -> None:
    assert client.get(STORE).json() == CALM
    set_state(server, BUSY)
    answer = client.get(STORE)
    assert answer.json() == BUSY
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_waits_is_listed_for_who_asks(server: Server, client: httpx.Client) -> None:
    set_state(server, BUSY)
    digests = [str(Digest.of(str(number).encode())) for number in range(3)]
    assert client.get(STORE, params={"digests": "1"}).json() == BUSY | {"digests": digests}


def test_at_most_a_thousand_are_listed(server: Server, client: httpx.Client) -> None:
    set_state(server, BUSY | {"waiting": 1234})
    answer = client.get(STORE, params={"digests": "1"}).json()
    assert (answer["waiting"], len(answer["digests"])) == (1234, 1000)


def test_only_those_who_may_read_outputs_are_told(server: Server, client: httpx.Client) -> None:
    assert client.get(STORE, headers={"X-Test-Allowed": "write:crdt-outputs"}).status_code == 403
    with server.client(Authorization="token wrong") as stranger:
        assert stranger.get(STORE).status_code == 403


async def test_a_page_is_told_when_the_store_says_that_something_is_different(
    server: Server, client: httpx.Client
) -> None:
    request = HTTPRequest(f"{server.url.replace('http', 'ws', 1)}api/events/subscribe", headers=dict(client.headers))
    page = await websocket_connect(request)
    set_state(server, BUSY)
    answer = await asyncio.to_thread(client.post, "test/changed")  # a hundred times, from as many threads
    answer.raise_for_status()
    async with asyncio.timeout(60):
        event = json.loads(await page.read_message() or "")
    assert {"schema_id": SCHEMA_ID, **BUSY}.items() <= event.items()
    page.close()


class Pages:
    """A store whose state a test sets, and what pages are told of it."""

    def __init__(self) -> None:
        self.state = StoreState()
        self.told: list[int] = []
        self._one_more = asyncio.Event()
        logger = EventLogger()
        self.changed = StoreWatch(lambda: self.state, logger, IOLoop.current(), interval_s=0.05).changed
        logger.add_listener(schema_id=SCHEMA_ID, listener=self._take)

    async def _take(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        self.told.append(data["waiting"])
        self._one_more.set()

    async def wait(self, waiting: int) -> None:
        """The state changes, and the pages hear of it."""
        self.state = StoreState(waiting)
        self.changed()
        async with asyncio.timeout(60):
            while waiting not in self.told:
                self._one_more.clear()
                await self._one_more.wait()


async def test_many_changes_at_once_are_told_once_and_the_last_of_them_always() -> None:
    pages = Pages()
    for waiting in range(1, 1000):
        pages.state = StoreState(waiting)
        pages.changed()
    await pages.wait(1000)
    await pages.wait(1001)
    assert pages.told == [1000, 1001]


async def test_what_is_over_in_a_moment_is_not_told() -> None:
    pages = Pages()
    await pages.wait(1)
    pages.state = StoreState(2)
    pages.changed()
    pages.state = StoreState(1)
    pages.changed()
    await asyncio.sleep(0.2)
    await pages.wait(3)
    assert pages.told == [1, 3]


async def test_a_store_may_say_that_it_changed_when_nobody_listens_any_more() -> None:
    loop = IOLoop(make_current=False)
    watch = StoreWatch(StoreState, EventLogger(), loop)
    loop.close()
    watch.changed()
    watch.changed()
