"""A line to a real server, which a test can make slow, close, or cut in the middle of something.

Stands between the product and Postgres, a model or a website: real bytes of real protocols, over
TCP on loopback. It runs in a thread of its own.

    with Line(Path("/tmp/socket/.s.PGSQL.5432")) as line:
        line.port            # where the product connects
        line.hold()          # answers do not come any more
        line.refuse()        # nobody is there
        line.cut(after=500)  # in the middle of the next answer everything breaks off
        line.restore()
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from tests.support.ports import unused_port

CHUNK = 65_536

Told = Callable[[bytes], bool]
"""Whether what a client has sent on one connection, since the fault began, is what it is about."""


@dataclass(slots=True)
class _Fault:
    kind: Literal["hold", "cut"]
    after: int
    once: Told | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def concerns(self, sent: bytearray) -> bool:
        return self.once is None or self.once(bytes(sent))


@dataclass(eq=False, slots=True)
class _Link:
    """One connection: what was sent and how much was answered, since the present fault began."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    fault: _Fault | None = None
    sent: bytearray = field(default_factory=bytearray)
    passed: int = 0

    def know(self, fault: _Fault | None) -> None:
        if fault is not self.fault:
            self.fault, self.passed = fault, 0
            self.sent.clear()

    def end(self) -> None:
        for writer in (self.client, self.server):
            writer.transport.abort()


class Line:
    """The line; a context manager.

    Args:
        target: A port on loopback, or the path of a Unix socket.

    Attributes:
        port: On loopback, always the same.
        connections: How many have been taken so far.
        has_cut: Set when a cut has happened.
    """

    def __init__(self, target: int | Path) -> None:
        self._target = target
        self.port = unused_port()
        self.connections = 0
        self.has_cut = threading.Event()
        self._fault: _Fault | None = None
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def host_port(self) -> str:
        """For FETCH_ALLOW_HOSTS and addresses."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._refuse())
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def restore(self) -> None:
        """Everything is as it should be; what was held arrives."""
        self._do(self._begin(None))

    def hold(self, after: int = 0) -> None:
        """Of every answer only so many bytes arrive, and then nothing more, until ``restore``."""
        self._do(self._begin(_Fault("hold", after)))

    def refuse(self) -> None:
        """Nobody is there: what is open breaks off, and nothing can be opened."""
        self._do(self._refuse())

    def cut(self, after: int = 0, once: Told | None = None) -> None:
        """Break off in the middle of answers.

        Args:
            after: Bytes of the answer that still arrive.
            once: Break off everything in the answer to a client that has sent this, which the
                server has carried out, and refuse from then on. By default every answer breaks
                off.
        """
        self.has_cut.clear()
        self._do(self._begin(_Fault("cut", after, once)))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _begin(self, fault: _Fault | None) -> None:
        before, self._fault = self._fault, fault
        if before is not None:
            before.over.set()
        if self._server is None:
            await self._open()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for link in tuple(self._links):
            link.end()
        before, self._fault = self._fault, None
        if before is not None:
            before.over.set()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if isinstance(self._target, Path):
                answers, server = await asyncio.open_unix_connection(str(self._target))
            else:
                answers, server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, server)
        self._links.add(link)
        both = [
            asyncio.create_task(self._questions(reader, link)),
            asyncio.create_task(self._answers(answers, link)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            self._links.discard(link)
            for end in (writer, server):
                with suppress(OSError):
                    end.close()

    async def _questions(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                link.know(self._fault)
                if self._fault is not None:
                    link.sent += data
                link.server.write(data)
                await link.server.drain()

    async def _answers(self, reader: asyncio.StreamReader, link: _Link) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                fault = self._fault
                link.know(fault)
                if fault is not None and fault.concerns(link.sent):
                    left = max(0, fault.after - link.passed)
                    first, data = data[:left], data[left:]
                    link.passed += len(first)
                    link.client.write(first)
                    if data and fault.kind == "cut":
                        await link.client.drain()
                        link.end()
                        if fault.once is not None:
                            await self._refuse()
                        self.has_cut.set()
                        return
                    if data:
                        await fault.over.wait()
                link.client.write(data)
                await link.client.drain()
