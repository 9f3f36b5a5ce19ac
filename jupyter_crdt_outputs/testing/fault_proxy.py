"""A proxy that fails on purpose, between a program and a real server."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from .faulty_wire import Fault, FaultyWire, reset
from .http_messages import Head, read_body, read_head

__all__ = ["Fault", "FaultProxy"]

_ERROR_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
_ERROR_BODY = b'<?xml version="1.0"?><Error><Code>%s</Code><Message>for a test</Message></Error>'


class FaultProxy:
    """Stands before the HTTP server at *url* while it is used as a context manager, in a thread of its own.

    Clients must be told :attr:`url` as the address of the server: nothing in a request is changed, so a signature over
    the ``Host`` header stays good with servers that do not insist on a name of their own.

    Args:
        url: of the server, such as ``http://127.0.0.1:5000``. With a scheme other than ``http``, bytes are passed on
            without looking for requests, and the faults that need them do nothing.

    Attributes:
        url: the same, of the proxy.
        port: of the proxy; the same as long as it is used.
        latency_s: seconds by which each request is late. May be set at any time.
        requests: the request lines seen so far. May be cleared at any time.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = parts.scheme == "http"
        self._behind = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._wire = FaultyWire()
        self._listener: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self.latency_s = 0.0
        self.requests: list[str] = []
        self.port = 0
        self._scheme = parts.scheme

    @property
    def url(self) -> str:
        """Where the proxy listens."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def fault(self) -> Fault:
        """What is wrong now. When a new value has been set, it holds for every byte from then on."""
        return self._wire.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._do(self._switch(fault))

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _switch(self, fault: Fault) -> None:
        self._wire.switch(fault)
        if fault is Fault.REFUSE:
            await self._end()
        elif self._listener is None:
            await self._listen()

    async def _end(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        tasks = list(self._clients)
        for task, writer in list(self._clients.items()):
            reset(writer)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        server: asyncio.StreamWriter | None = None
        try:
            answers, server = await asyncio.open_connection(*self._behind)
            if self._http:
                while await self._exchange(reader, writer, answers, server):
                    pass
            else:
                await asyncio.gather(self._pump(reader, writer, server), self._pump(answers, writer, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two has left, or shall
        finally:
            del self._clients[task]
            writer.close()
            if server is not None:
                server.close()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> bool:
        """One request and its answer. False when the connection ends."""
        request = await read_head(reader)
        if request is None:
            return False
        self.requests.append(request.first)
        await asyncio.sleep(self.latency_s)
        await self._wire.pass_gate(writer)
        if self._wire.fault in (Fault.ERROR, Fault.SLOW_DOWN):
            await self._answer_error(reader, writer, request)
            return False
        server.write(request.raw)
        sending = asyncio.create_task(self._wire.send(read_body(reader, request), writer, server))
        try:
            while (answer := await read_head(answers)) is not None and 100 <= answer.status < 200:
                writer.write(answer.raw)
            if answer is None:
                return False
            await self._wire.pass_gate(writer)
            writer.write(answer.raw)
            body = read_body(answers, answer, to_method=request.first.partition(" ")[0])
            await self._wire.send(self._wire.damaged(body, answer), writer, writer)
            await sending
        finally:
            sending.cancel()
        return not (request.closes or answer.closes)

    async def _pump(self, source: asyncio.StreamReader, client: asyncio.StreamWriter, to: asyncio.StreamWriter) -> None:
        while data := await source.read(1 << 16):
            await asyncio.sleep(self.latency_s)
            await self._wire.forward(data, client, to)
        to.close()

    async def _answer_error(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Head) -> None:
        if "expect" not in request.headers:  # else the client waits to be asked for the body
            async for _ in read_body(reader, request):
                pass
        slow = self._wire.fault is Fault.SLOW_DOWN
        status, code = (b"503 Slow Down", b"SlowDown") if slow else (b"500 Internal Server Error", b"InternalError")
        body = b"" if request.first.startswith("HEAD ") else _ERROR_BODY % code
        writer.write(_ERROR_HEAD % (status, len(body)) + body)
        await writer.drain()
