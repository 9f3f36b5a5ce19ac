"""What the server, as a kernel's client, sends goes at once, and what it is sent is heard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session
from zmq.eventloop.zmqstream import ZMQStream

from jupyter_crdt_outputs.kernel.headless.client import KernelClient


class Peer:
    """The kernel's end of both sockets."""

    def __init__(self) -> None:
        self.context = zmq.Context()
        self.session = Session(key=b"a key")
        self.shell = self.context.socket(zmq.ROUTER)
        self.stdin = self.context.socket(zmq.ROUTER)
        self.ports = [socket.bind_to_random_port("tcp://127.0.0.1") for socket in (self.shell, self.stdin)]
        self.client = b""

    def connect(self, port: int, identity: bytes) -> ZMQStream:
        socket = self.context.socket(zmq.DEALER)
        socket.identity = identity
        socket.connect(f"tcp://127.0.0.1:{port}")
        return ZMQStream(socket)

    def manager(self) -> Any:
        return SimpleNamespace(
            session=self.session,
            ports=self.ports,
            connect_shell=lambda identity: self.connect(self.ports[0], identity),
            connect_stdin=lambda identity: self.connect(self.ports[1], identity),
        )

    def receive(self) -> dict[str, Any]:
        """The next message on the shell channel, which is there by now or soon, whatever the event loop does."""
        assert self.shell.poll(20_000)
        identities, parts = self.session.feed_identities(self.shell.recv_multipart())
        self.client = identities[0]
        return self.session.deserialize(parts)

    def answer(self, request: dict[str, Any]) -> None:
        self.session.send(self.shell, "execute_reply", {"status": "ok"}, parent=request, ident=self.client)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.context.destroy(linger=0)


def send(client: KernelClient, source: str) -> str:
    request_id, do = client.prepare(source, {}, stop_on_error=True, allow_stdin=False)
    do()
    return request_id


async def until(heard: list[str], *expected: str) -> None:
    async with asyncio.timeout(20):
        while heard != [*expected]:  # noqa: ASYNC110 - sockets have no event
            await asyncio.sleep(0.001)


async def test_a_cell_is_on_its_way_when_it_is_sent_and_its_source_is_what_it_was(peer: Peer) -> None:
    client = KernelClient(peer.manager(), lambda _: None, lambda _: None, logging.getLogger())
    client.connect()
    source = "print('ü')  # " + "x" * 200_000
    request_id = send(client, source)
    request = peer.receive()  # with no turn of the event loop between
    assert request["header"]["msg_id"] == request_id
    assert request["content"]["code"] == source
    client.close()


async def test_an_answer_that_came_before_something_is_sent_is_heard_after_that(peer: Peer) -> None:
    heard: list[str] = []
    client = KernelClient(
        peer.manager(), lambda message: heard.append(message.parent_id), lambda _: None, logging.getLogger()
    )
    client.connect()
    for _ in range(10):
        first = send(client, "1")
        peer.answer(peer.receive())
        time.sleep(0.01)  # the answer is at the client's socket by now, and the event loop has not looked
        second = send(client, "2")
        await until(heard, first)
        peer.answer(peer.receive())
        await until(heard, first, second)
        heard.clear()
    client.close()


async def test_what_waits_to_be_sent_goes_first(peer: Peer) -> None:
    client = KernelClient(peer.manager(), lambda _: None, lambda _: None, logging.getLogger())
    client.connect()
    client.send_comm("a widget", {})
    send(client, "1")
    assert [peer.receive()["header"]["msg_type"] for _ in range(2)] == ["comm_msg", "execute_request"]
    client.close()


async def test_nothing_is_looked_for_on_a_connection_that_is_closed_after_something_was_sent_on_it(peer: Peer) -> None:
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    client = KernelClient(peer.manager(), lambda _: None, lambda _: None, logging.getLogger())
    client.connect()
    send(client, "1")
    client.close()
    await asyncio.sleep(0.01)
    assert not failed
