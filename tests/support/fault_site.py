"""A website on loopback that goes wrong in every way the outside world does.

``FaultSite`` speaks raw HTTP over sockets, since most faults cannot be expressed with a web
framework. It runs in its own thread: usable from asyncio tests, browser tests and benchmarks.

    with FaultSite() as site:
        site.base_url    # "http://127.0.0.1:43211"
        site.host_port   # "127.0.0.1:43211", for FETCH_ALLOW_HOSTS

``/`` is a small healthy company site; ``FAULTS`` lists the paths that are not. Pages, status codes
and robots.txt can be replaced while it runs (``site.pages``, ``site.robots``).
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

GIGANTIC = 100_000_000
BOMB = 300_000_000
CHUNK = b"<p>" + b"x" * 65_529 + b"</p>"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; ``headers`` replace the usual ones of the same name."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    path: str
    headers: dict[str, str]


def html_page(title: str, body: str, *, head: str = "") -> str:
    """A whole document around some content."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"{head}</head><body>{body}</body></html>"
    )


_NAVIGATION = "".join(
    f'<a href="/{path}">{text}</a> '
    for path, text in (
        ("pricing", "Pricing"),
        ("product", "Product"),
        ("solutions", "Solutions"),
        ("customers", "Customers"),
        ("about", "About us"),
        ("login", "Log in"),
        ("privacy", "Privacy"),
    )
)


def _company_page(title: str, *paragraphs: str) -> Answer:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return Answer(
        html_page(
            f"{title} | Tidewater",
            f"<header><nav>{_NAVIGATION}</nav></header><main><h1>{title}</h1>{text}</main>"
            "<footer><p>Tidewater Ltd, Bristol</p></footer>",
        )
    )


def healthy_pages() -> dict[str, Answer]:
    """The pages of a made-up company, with enough text to learn about it."""
    return {
        "/": _company_page(
            "Berth planning without spreadsheets",
            "Tidewater plans berths, cranes and pilots for small and medium ports. Harbour masters "
            "see every arrival on one board and move it with the mouse.",
            "Ports that use Tidewater cut the waiting time of ships by a quarter within the first "
            "season, because tide windows and tug availability are part of every plan.",
        ),
        "/pricing": _company_page(
            "Pricing",
            "Harbour costs 490 euros a month for up to three berths and includes all users.",
            "Port costs 1,900 euros a month for up to twenty berths, with interfaces to customs.",
        ),
        "/product": _company_page(
            "Product",
            "The arrivals board combines position reports, tide tables and the booked services.",
            "Conflicts are shown hours before they happen, with the cheapest way around them.",
        ),
        "/solutions": _company_page(
            "Solutions",
            "Ferry ports keep their timetable when the weather does not, since every plan has a "
            "second one behind it that the crew can switch to.",
        ),
        "/customers": _company_page(
            "Customers",
            "“We stopped printing the plan at six in the morning, because it is always true now,” "
            "says Ines Duarte, harbour master of Porto Velho.",
        ),
        "/about": _company_page(
            "About us",
            "Tidewater was founded in 2019 by two former pilots and a scheduling researcher, and "
            "employs twenty-one people in Bristol and Rotterdam.",
        ),
    }


class FaultSite:
    """The server. Use it as a context manager.

    Args:
        robots: Content of robots.txt, or the status it fails with; None for 404.
        tls: Serve https with this context.
        host: Name used in ``base_url``; the server always listens on 127.0.0.1.
    """

    def __init__(
        self,
        *,
        robots: str | int | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.robots = robots
        self.pages = healthy_pages()
        self.requests: list[Request] = []
        self.bytes_sent: Counter[str] = Counter()
        self.port = 0
        self.most_at_once = 0
        self._at_once = 0
        self._tls = tls
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def host_port(self) -> str:
        """For FETCH_ALLOW_HOSTS."""
        return f"{self._host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{self.host_port}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._at_once -= 1
            writer.transport.abort() if writer.is_closing() else writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first = await reader.readexactly(1)
        if first == b"\x16":
            # The beginning of a TLS handshake: plain HTTP servers answer it like this.
            await self._send(writer, "", Answer("<p>plain HTTP only</p>", 400))
            return False
        rest = await reader.readuntil(b"\r\n\r\n")
        head = (first + rest).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        self.requests.append(Request(path, headers))
        fault = FAULTS.get(path.split("?")[0].rstrip("/"))
        if path.split("?")[0] in self.pages:
            await self._send(writer, path, self.pages[path.split("?")[0]])
        elif path == "/robots.txt":
            await self._send(writer, path, self._robots_answer())
        elif path.startswith("/status/"):
            await self._send(writer, path, Answer("<p>error</p>", int(path.rpartition("/")[2])))
        elif path.startswith("/redirects/"):
            left = int(path.rpartition("/")[2])
            target = f"/redirects/{left - 1}" if left else "/"
            await self._send(writer, path, Answer(status=302, headers={"Location": target}))
        elif fault is not None:
            await fault(Wire(self, writer, path))
            return False
        else:
            await self._send(writer, path, Answer("<p>not here</p>", 404))
        return True

    def _robots_answer(self) -> Answer:
        if isinstance(self.robots, str):
            return Answer(self.robots, headers={"Content-Type": "text/plain"})
        return Answer("", self.robots or 404)

    async def _send(self, writer: asyncio.StreamWriter, path: str, answer: Answer) -> None:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} Status", *(f"{k}: {v}" for k, v in headers.items())]
        await Wire(self, writer, path).write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


@dataclass(slots=True)
class Wire:
    """One connection, for faults that write bytes themselves."""

    site: FaultSite
    writer: asyncio.StreamWriter
    path: str

    async def write(self, data: bytes) -> None:
        """Send bytes and count them."""
        self.writer.write(data)
        await self.writer.drain()
        self.site.bytes_sent[self.path] += len(data)

    async def head(self, *lines: str) -> None:
        """Send a status line of success and headers."""
        usual = ("HTTP/1.1 200 OK", "Connection: close", *lines)
        if not any(line.lower().startswith("content-type") for line in lines):
            usual = (*usual, "Content-Type: text/html")
        await self.write("\r\n".join(usual).encode() + b"\r\n\r\n")

    def reset(self) -> None:
        """Close the connection without a goodbye."""
        self.writer.transport.abort()


Fault = Callable[[Wire], Awaitable[None]]
FAULTS: dict[str, Fault] = {}
"""Every path that misbehaves, and how."""


def _fault(path: str) -> Callable[[Fault], Fault]:
    def register(handler: Fault) -> Fault:
        FAULTS[path] = handler
        return handler

    return register


def _answers(path: str, *headers: str, body: bytes = b"") -> None:
    async def handler(wire: Wire) -> None:
        await wire.head(f"Content-Length: {len(body)}", *headers)
        await wire.write(body)

    FAULTS[path] = handler


def _redirects(path: str, location: str) -> None:
    async def handler(wire: Wire) -> None:
        await wire.write(
            f"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {location}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )

    FAULTS[path] = handler


def _bomb() -> Iterator[bytes]:
    """Hundreds of megabytes of the letter a, as a few hundred kilobytes of gzip."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"a" * 1_000_000
    for _ in range(BOMB // len(block)):
        yield compressor.compress(block)
    yield compressor.flush()


@_fault("/gigantic")
async def _gigantic(wire: Wire) -> None:
    await wire.head()
    for _ in range(GIGANTIC // len(CHUNK)):
        await wire.write(CHUNK)


@_fault("/bomb")
async def _gzip_bomb(wire: Wire) -> None:
    await wire.head("Content-Encoding: gzip")
    for part in _bomb():
        await wire.write(part)


@_fault("/drip")
async def _drip(wire: Wire) -> None:
    """A byte now and then: no single read is ever slow."""
    await wire.head()
    while True:
        await wire.write(b"x")
        await asyncio.sleep(0.02)


@_fault("/drip-headers")
async def _drip_headers(wire: Wire) -> None:
    await wire.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        await wire.write(b"x")
        await asyncio.sleep(0.02)


@_fault("/hang")
async def _hang(wire: Wire) -> None:
    await asyncio.Event().wait()


@_fault("/cut")
async def _cut(wire: Wire) -> None:
    """Half of the announced body, then nothing."""
    await wire.head("Content-Length: 10000")
    await wire.write(b"<p>Half of a page" * 50)


@_fault("/cut-chunked")
async def _cut_chunked(wire: Wire) -> None:
    await wire.head("Transfer-Encoding: chunked")
    await wire.write(b"5\r\nhello\r\nff\r\nhalf")


@_fault("/reset")
async def _reset(wire: Wire) -> None:
    wire.reset()


@_fault("/not-http")
async def _not_http(wire: Wire) -> None:
    await wire.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


@_fault("/endless-headers")
async def _endless_headers(wire: Wire) -> None:
    await wire.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        await wire.write(f"X-{number}: {'y' * 200}\r\n".encode())


_redirects("/loop", "/loop-back")
_redirects("/loop-back", "/loop")
_redirects("/redirect-self", "/redirect-self")
_redirects("/redirect-metadata", "http://169.254.169.254/latest/meta-data/")
_redirects("/redirect-loopback", "http://127.0.0.1:1/")
_redirects("/redirect-file", "file:///etc/passwd")
_redirects("/redirect-userinfo", "http://someone:secret@example.com/")
_redirects("/redirect-nowhere", "")
_answers("/pdf", "Content-Type: application/pdf", body=b"%PDF-1.7 ...")
_answers("/image", "Content-Type: image/png", body=b"\x89PNG\r\n")
_answers("/json", "Content-Type: application/json", body=b"{}")
_answers("/empty", body=b"")
_answers("/few-words", body=b"<html><body><p>Coming soon.</p></body></html>")
_answers("/brotli", "Content-Encoding: br", body=b"\x0b\x02\x80hello\x03")
_answers("/bad-gzip", "Content-Encoding: gzip", body=b"this is not gzip")
_answers(
    "/shell",
    body=html_page("App", '<div id="root"></div><script src="/static/main.js"></script>').encode(),
)
_answers(
    "/shell-noscript",
    body=html_page(
        "App",
        "<noscript>You need to enable JavaScript to run this app.</noscript>"
        '<div id="root"></div><script>start()</script>',
    ).encode(),
)


def compressed(text: str) -> Answer:
    """A page as gzip."""
    return Answer(gzip.compress(text.encode()), headers={"Content-Encoding": "gzip"})
