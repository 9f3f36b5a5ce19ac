"""What the server hears of a kernel while it is busy with something else."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Any

import zmq
from jupyter_client.session import Session
from zmq.eventloop.zmqstream import ZMQStream

from jupyter_crdt_outputs.kernel.messages import Message
from jupyter_crdt_outputs.kernel.subscription import Subscription

COUNT = 6000


class Publisher:
    """The little of a kernel's manager that a subscription needs, and a socket with a kernel's own limits."""

    parent = None
    provisioner = None
    ports = (1,)
    execution_state = "busy"

    def __init__(self) -> None:
        self.context = zmq.Context()
        self.session = _Quiet()
        self._theirs = zmq.Context()
        self._socket = self._theirs.socket(zmq.PUB)
        self._url = f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}"

    def connect_iopub(self) -> ZMQStream:
        socket = self.context.socket(zmq.SUB)
        socket.setsockopt(zmq.SUBSCRIBE, b"")
        socket.connect(self._url)
        return ZMQStream(socket)

    def connect_control(self) -> Any:
        return self.context.socket(zmq.DEALER)

    async def is_alive(self) -> bool:
        return True

    def publish(self, count: int, pause_s: float) -> None:
        for number in range(count):
            message = self.session.msg("stream", {"name": "stdout", "text": f"{number}", "more": "x" * 10_000})
            self._socket.send_multipart([b"stream", *self.session.serialize(message)])
            if number % 20 == 0:
                time.sleep(pause_s)

    def close(self) -> None:
        self._theirs.destroy(0)
        self.context.destroy(0)


class _Quiet(Session):
    def send(self, *_arguments: Any, **_options: Any) -> None:
        return None


async def test_nothing_is_lost_while_the_event_loop_is_held_up() -> None:
    publisher = Publisher()
    heard: list[str] = []

    def received(message: Message) -> None:
        heard.append(message.content["text"])

    subscription = Subscription(publisher, received, lambda _is_final: None, logging.getLogger(__name__))
    try:
        first = asyncio.create_task(subscription.ready())
        while not first.done():
            publisher.publish(1, 0)
            await asyncio.sleep(0.01)
        heard.clear()
        thread = threading.Thread(target=publisher.publish, args=(COUNT, 0.002))
        thread.start()
        thread.join()  # which holds up the event loop
        async with asyncio.timeout(20):
            while len(heard) < COUNT:  # noqa: ASYNC110 - a socket of zmq
                await asyncio.sleep(0.01)
        assert heard[-COUNT:] == [str(number) for number in range(COUNT)]
    finally:
        subscription.stop()
        publisher.close()
