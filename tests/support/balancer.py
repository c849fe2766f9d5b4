"""A proxy in front of several servers: each connection goes to the next one that takes it.

Connections are passed on as bytes, so websockets are nothing special, and a server that is killed
ends those that it had, as it would behind any proxy.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress

CONNECT_SECONDS = 1.0
REST_SECONDS = 0.3
"""A server that did not take a connection is left alone for so long."""


class Balancer:
    """One proxy. Use it as a context manager.

    Args:
        ports: Of the servers, on this machine.

    Attributes:
        port: Where it listens.
        connections: How many each server has been given, by its port.
    """

    def __init__(self, ports: list[int]) -> None:
        self.port = 0
        self.connections: Counter[int] = Counter()
        self._ports = ports
        self._next = 0
        self._rests: dict[int, float] = {}
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"

    async def __aenter__(self) -> Balancer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            found = await self._connected()
            if found is not None:
                await _joined(reader, writer, *found)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the next server that takes one."""
        for _ in range(len(self._ports)):
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            if time.monotonic() < self._rests.get(port, 0.0):
                continue
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    streams = await asyncio.open_connection("127.0.0.1", port)
            except (OSError, TimeoutError):
                self._rests[port] = time.monotonic() + REST_SECONDS
                continue
            self.connections[port] += 1
            return streams
        return None


async def _joined(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    server_reader: asyncio.StreamReader,
    server_writer: asyncio.StreamWriter,
) -> None:
    """Pass bytes on both ways until one side ends."""
    ways = [
        asyncio.create_task(_passed(reader, server_writer)),
        asyncio.create_task(_passed(server_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        with suppress(OSError):
            await asyncio.wait_for(writer.drain(), 1)
        server_writer.transport.abort()


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
