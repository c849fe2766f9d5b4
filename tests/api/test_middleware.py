"""What is true of every answer, and what the websocket lets through."""

import asyncio
import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blossomer.api.middleware import wrap
from blossomer.api.security_headers import inline_script_hashes
from blossomer.api.socket_guard import MAX_MESSAGE_BYTES, MESSAGES_AT_ONCE
from blossomer.settings import Settings
from tests.support.production import PRODUCTION

HTML = (
    "<!doctype html><script>one()</script><script src='/assets/x.js'></script>"
    '<script type="module" async="">two()</script>'
)


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


async def show(request: Request) -> JSONResponse:
    return JSONResponse(
        {
            "client": request.client.host if request.client else None,
            "headers": dict(request.headers),
        }
    )


def application() -> Starlette:
    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(HTML)

    async def asset(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("x", media_type="text/javascript")

    async def picture(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("x", media_type="image/png")

    async def broken(_request: Request) -> PlainTextResponse:
        raise RuntimeError("secret")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/playground/company", page),
            Route("/show", show, methods=["GET", "POST"]),
            Route("/assets/root-Dn4IiwXd.js", asset),
            Route("/assets/plain.js", asset),
            Route("/favicon.png", picture),
            Route("/broken", broken),
            Route("/api/x", show),
        ]
    )


def client(app: ASGIApp, address: str = "10.0.0.9") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:3000")


def wrapped(tmp_path: Path, **values: Any) -> ASGIApp:
    return wrap(application(), settings=settings(**values), pages=tmp_path)


async def test_every_answer_says_what_a_browser_may_do_with_it(tmp_path: Path) -> None:
    async with client(wrapped(tmp_path)) as browser:
        for path in ("/", "/show", "/nothing", "/assets/plain.js"):
            headers = (await browser.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"]
            assert headers["permissions-policy"]
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "strict-transport-security" not in headers


async def test_https_in_production_is_for_good(tmp_path: Path) -> None:
    further = {"extra_origins": "https://www.example.com"}
    async with client(wrapped(tmp_path, **PRODUCTION, **further)) as browser:
        browser.base_url = "https://app.example.com"
        headers = (await browser.get("/")).headers
    assert "max-age=" in headers["strict-transport-security"]
    policy = headers["content-security-policy"].split("; ")
    assert "connect-src 'self' wss://app.example.com wss://www.example.com" in policy
    assert "upgrade-insecure-requests" in policy


async def test_only_the_scripts_of_the_built_page_may_run(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(HTML)
    nested = tmp_path / "playground" / "company"
    nested.mkdir(parents=True)
    (nested / "index.html").write_text("<script>three()</script>")
    (tmp_path / "404.html").write_text("<script>missing()</script>")

    async with client(wrapped(tmp_path)) as browser:
        home = (await browser.get("/")).headers["content-security-policy"]
        company = (await browser.get("/playground/company")).headers["content-security-policy"]

    scripts = {part.split(" ", 1)[0]: part for part in home.split("; ")}["script-src"]
    assert all(digest in scripts for digest in inline_script_hashes(HTML))
    assert "unsafe" not in scripts
    assert inline_script_hashes("<script>three()</script>")[0] in company
    assert inline_script_hashes("<script>three()</script>")[0] not in home
    assert inline_script_hashes("<script>missing()</script>")[0] in home


def test_hashes_are_those_of_the_standard() -> None:
    digest = base64.b64encode(hashlib.sha256(b"one()").digest()).decode()
    assert inline_script_hashes(HTML)[0] == f"'sha256-{digest}'"
    assert len(inline_script_hashes(HTML)) == 2


async def test_a_path_cannot_climb_out_of_the_built_pages(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (tmp_path / "index.html").write_text("<script>outside()</script>")
    app = wrap(application(), settings=settings(), pages=pages)
    answer: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.append(message)

    scope: Scope = {
        "type": "http", "method": "GET", "path": "/../", "raw_path": b"/../", "query_string": b"",
        "headers": [], "scheme": "http", "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    outside = inline_script_hashes("<script>outside()</script>")[0]
    assert outside.encode() not in b"".join(v for _, v in answer[0]["headers"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/assets/root-Dn4IiwXd.js", "public, max-age=31536000, immutable"),
        ("/assets/plain.js", "no-cache"),
        ("/", "no-cache"),
        ("/favicon.png", "public, max-age=3600"),
        ("/api/x", "no-store"),
    ],
)
async def test_how_long_an_answer_may_be_kept(tmp_path: Path, path: str, expected: str) -> None:
    async with client(wrapped(tmp_path)) as browser:
        assert (await browser.get(path)).headers["cache-control"] == expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcDEF12-34_5", True), ("short", False), ("x" * 65, False), ("a b c d e f g", False),
     ("<script>alert(1)", False)],
)  # fmt: skip
async def test_a_request_has_an_id_its_own_when_it_is_a_sane_one(
    tmp_path: Path, given: str, kept: bool
) -> None:
    async with client(wrapped(tmp_path)) as browser:
        answer = await browser.get("/show", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert len(answer.headers["x-request-id"]) >= 8


async def test_inside_there_is_one_client_address_and_no_header_to_mistake_for_it(
    tmp_path: Path,
) -> None:
    sent = {"X-Forwarded-For": "1.2.3.4, 203.0.113.7", "X-Real-IP": "6.6.6.6", "Forwarded": "for=7"}
    for hops, expected in ((0, "10.0.0.9"), (1, "203.0.113.7"), (2, "1.2.3.4"), (3, "10.0.0.9")):
        async with client(wrapped(tmp_path, trusted_proxy_hops=hops)) as browser:
            seen = (await browser.get("/show", headers=sent)).json()
        assert seen["client"] == expected
        assert not {"x-forwarded-for", "x-real-ip", "forwarded"} & set(seen["headers"])


async def test_the_log_line_has_the_path_and_the_id_but_not_the_query(tmp_path: Path) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        async with client(wrapped(tmp_path)) as browser:
            answer = await browser.get("/show?token=hunter2")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/show", 200)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["ms"] >= 0
    assert "hunter2" not in str(lines)


async def test_a_bug_in_a_page_is_logged_and_shows_nothing(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as lines:
        async with client(wrapped(tmp_path)) as browser:
            answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert any(line["event"] == "request.broke" for line in lines)


@pytest.mark.parametrize("headers", [{"content-length": "9"}, {"transfer-encoding": "chunked"}])
async def test_a_body_that_never_comes_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr("blossomer.api.middleware.BODY_SECONDS", 0.01)
    first: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent: list[Message] = []

    async def receive() -> Message:
        if first:
            return first.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/show",
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "client": ("203.0.113.7", 1),
    }
    await wrapped(tmp_path)(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["error"]["code"] == "body_too_slow"


# The websocket

SEVERAL = {"extra_origins": "https://www.example.com/, https://b.example.com"}


class Socket:
    """The two ends of one websocket: what the browser sends, what either side gets."""

    def __init__(self, app: Any, *messages: dict[str, Any], **headers: str) -> None:
        self.sent: list[Message] = []
        self._incoming: list[Message] = [{"type": "websocket.connect"}, *messages]
        self._app = app
        self.leaves: asyncio.Event | None = None
        """When set, the browser stays until then."""
        self.has_said_all = asyncio.Event()
        self.scope: Scope = {
            "type": "websocket",
            "path": "/_event",
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        }

    async def run(self) -> "Socket":
        async def receive() -> Message:
            if self._incoming:
                return self._incoming.pop(0)
            self.has_said_all.set()
            if self.leaves is not None:
                await self.leaves.wait()
            return {"type": "websocket.disconnect"}

        async def send(message: Message) -> None:
            self.sent.append(message)

        await self._app(self.scope, receive, send)
        return self

    @property
    def closed_with(self) -> int | None:
        return next((m["code"] for m in self.sent if m["type"] == "websocket.close"), None)


class Behind:
    """The application behind the guard: accepts, and notes what reaches it."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.headers: dict[str, str] = {}
        self.opened = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.opened = True
        self.headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            else:
                self.received.append(message["text"])
        await send({"type": "websocket.send", "text": "late"})


def text(value: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": value}


def event(name: str, **payload: Any) -> dict[str, Any]:
    return text(f"42/_event,{json.dumps(['event', {'name': name, 'payload': payload}])}")


async def through(*messages: dict[str, Any], **values: Any) -> tuple[Behind, Socket]:
    behind = Behind()
    app = wrap(
        behind, settings=settings(), known_event=lambda name: name.startswith("known"), **values
    )
    socket = Socket(app, *messages, host="localhost:3000", origin="http://localhost:3000")
    return behind, await socket.run()


@pytest.mark.parametrize(
    ("values", "origin", "host", "allowed"),
    [
        ({}, "http://localhost:3000", "localhost:3000", True),
        ({}, "http://127.0.0.1:3000", "127.0.0.1:3000", True),
        ({}, "http://localhost:3001", "localhost:3000", False),
        ({}, "https://evil.example", "localhost:3000", False),
        ({}, "", "localhost:3000", False),
        ({}, "null", "localhost:3000", False),
        ({}, "http://192.168.1.5:3000", "192.168.1.5:3000", True),
        ({}, "http://devbox:3000", "devbox:3000", True),
        # A name that its owner points at this machine (DNS rebinding).
        ({}, "http://evil.example:3000", "evil.example:3000", False),
        (PRODUCTION, "https://app.example.com", "app.example.com", True),
        (PRODUCTION, "https://app.example.com.evil.example", "app.example.com", False),
        (PRODUCTION, "https://app.example.co", "app.example.com", False),
        (PRODUCTION, "http://app.example.com", "app.example.com", False),
        (PRODUCTION, "http://localhost:3000", "localhost:3000", False),
        (PRODUCTION, "https://10.0.0.1", "10.0.0.1", False),
        (PRODUCTION | SEVERAL, "https://www.example.com", "www.example.com", True),
        (PRODUCTION | SEVERAL, "https://www.example.com", "app.example.com", True),
        (PRODUCTION | SEVERAL, "https://app.example.com", "app.example.com", True),
        (PRODUCTION | SEVERAL, "https://example.com", "www.example.com", False),
        (SEVERAL, "https://www.example.com", "localhost:3000", True),
        (SEVERAL, "http://localhost:3000", "localhost:3000", True),
    ],
)
async def test_which_pages_may_open_the_websocket(
    values: dict[str, Any], origin: str, host: str, allowed: bool
) -> None:
    behind = Behind()
    headers = {"host": host, "x_forwarded_proto": "https", **({"origin": origin} if origin else {})}
    socket = await Socket(wrap(behind, settings=settings(**values)), **headers).run()
    assert behind.opened is allowed
    assert (socket.closed_with is None) is allowed


async def test_headers_that_a_proxy_added_do_not_reach_the_pages() -> None:
    behind = Behind()
    app = wrap(behind, settings=settings(trusted_proxy_hops=1))
    await Socket(
        app, host="localhost:3000", origin="http://localhost:3000", cookie="session=1",
        x_internal_secret="s", x_forwarded_user="root", x_forwarded_for="203.0.113.7",
        user_agent="Browser",
    ).run()  # fmt: skip
    assert set(behind.headers) == {"host", "origin", "cookie", "user-agent"}


async def test_known_events_pass_and_others_are_dropped_early() -> None:
    good = event("known.start", url="acme.com")
    pings = [text("3"), text('42/_event,["ping"]'), text('42/_event,["client_error",{"a":1}]')]
    bad = [
        event("unknown.delete_all"),
        text('42/_event,["event",{"payload":{}}]'),
        text('42/_event,["event",{"name":["known"]}]'),
        text('42/_event,["event"]'),
        text('42/_event,["shell",{"name":"known"}]'),
        text("42/_event,[broken"),
        text("42/_event,"),
        text('451-/_event,["event",{"_placeholder":true,"num":0}]'),
        text("4"),
        text("3" * 200),
        text("42" + "[" * 5_000),
        # What Socket.IO cannot read, and would write to the log as a broken connection.
        text(""),
        text("x"),
        text("bAAAA"),
        text("42"),
        text("42/_event,[]"),
        text('42/other,["ping"]'),
        text('42/_event,["ping",1,2]'),
        text('42/_event,["client_error",1]'),
        text('42/_event,["event",{"name":"known","router_data":5}]'),
        text('42/_event,["event",{"name":"known","payload":["a"]}]'),
        text('42/_event,["event",{"name":"known"},{"name":"known"}]'),
        text('42/_event,7["event",{"name":"known"}]'),
    ]
    behind, socket = await through(good, *bad, *pings, good)
    assert behind.received == [good["text"], *(ping["text"] for ping in pings), good["text"]]
    assert socket.closed_with is None


async def test_the_event_that_comes_with_the_connection_is_looked_at_too() -> None:
    hello = text('40/_event,{"event":{"name":"known.hydrate","payload":{}},"schema":"abc"}')
    bare = text("40/_event,")
    hostile = text('40/_event,{"event":{"name":"unknown","payload":{}}}')
    for first in (hello, bare):
        behind, _ = await through(hostile, first)
        assert behind.received == [first["text"]]


async def test_a_socket_connects_once_since_each_time_opens_a_page() -> None:
    behind, socket = await through(*[text("40/_event,")] * 20, event("known.click"))
    assert behind.received == ["40/_event,", event("known.click")["text"]]
    assert socket.closed_with is None


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (text("42/_event," + "x" * MAX_MESSAGE_BYTES), 1009),
        (text("ä" * (MAX_MESSAGE_BYTES // 2 + 1)), 1009),
        ({"type": "websocket.receive", "bytes": b"\x00"}, 1003),
    ],
)
async def test_what_is_too_large_or_not_text_closes_the_socket(
    message: dict[str, Any], code: int
) -> None:
    behind, socket = await through(message, event("known.after"))
    assert socket.closed_with == code
    assert behind.received == []
    assert socket.sent[-1]["reason"], "the browser is told why, and nothing is sent after that"


async def test_a_flood_closes_the_socket_and_a_busy_page_does_not() -> None:
    busy, socket = await through(*[event("known.click")] * (MESSAGES_AT_ONCE - 1))
    assert socket.closed_with is None
    assert len(busy.received) == MESSAGES_AT_ONCE - 1

    flood, socket = await through(*[event("known.click")] * (MESSAGES_AT_ONCE * 3))
    assert socket.closed_with == 1008
    assert len(flood.received) < MESSAGES_AT_ONCE * 2


async def test_a_few_large_messages_are_a_flood_too() -> None:
    large = event("known.read", document="x" * 400_000)
    behind, socket = await through(large, large)
    assert socket.closed_with is None
    behind, socket = await through(*[large] * 10)
    assert socket.closed_with == 1008
    assert len(behind.received) < 10


async def test_one_address_cannot_take_all_the_places() -> None:
    behind = Behind()
    app = wrap(behind, settings=settings(sockets_per_address=2))
    waiting = asyncio.Event()

    async def visit(address: str, *, stay: bool = False) -> int | None:
        socket = Socket(app, host="localhost:3000", origin="http://localhost:3000")
        socket.scope["client"] = (address, 1)
        if stay:
            socket.leaves = waiting
        return (await socket.run()).closed_with

    staying = [asyncio.create_task(visit("203.0.113.7", stay=True)) for _ in range(2)]
    await asyncio.sleep(0)
    assert await visit("203.0.113.7") == 1008
    assert await visit("203.0.113.8") is None
    # A household has a whole /64 of IPv6.
    assert [await visit(f"2001:db8::{n}") for n in range(3)] == [None, None, 1008]
    waiting.set()
    assert await asyncio.gather(*staying) == [None, None]
    assert await visit("203.0.113.7") == 1008, "reopening without end leaves as much behind"


class Visitors:
    """Sockets of one worker, each open until it is told to leave."""

    def __init__(self, **values: Any) -> None:
        self.app = wrap(Behind(), settings=settings(**values), known_event=lambda _name: True)
        self.leave = asyncio.Event()
        self._staying: list[asyncio.Task[Socket]] = []

    async def stays(self, address: str, *messages: dict[str, Any]) -> int | None:
        """Open a socket that stays and says something; the code with which it is closed, if so."""
        socket = Socket(self.app, *messages, host="localhost:3000", origin="http://localhost:3000")
        socket.scope["client"] = (address, 1)
        socket.leaves = self.leave
        task = asyncio.create_task(socket.run())
        self._staying.append(task)
        said_all = asyncio.create_task(socket.has_said_all.wait())
        await asyncio.wait({task, said_all}, return_when=asyncio.FIRST_COMPLETED)
        said_all.cancel()
        return socket.closed_with

    async def all_leave(self) -> None:
        self.leave.set()
        await asyncio.gather(*self._staying)


async def test_an_address_has_its_places_in_all_workers_together(new_redis_url: str) -> None:
    values = {"sockets_per_address": 3, "redis_url": new_redis_url}
    one, other = Visitors(**values), Visitors(**values)
    opened = [await worker.stays("203.0.113.7") for worker in (one, other, one, other, one)]
    assert opened == [None, None, None, 1008, 1008]
    assert await other.stays("203.0.113.8") is None
    await one.all_leave()
    await other.all_leave()


async def test_an_address_has_one_allowance_for_all_its_sockets() -> None:
    visitors = Visitors(address_events_per_second=6)
    clicks = [event("known.click")] * 40
    closed = [await visitors.stays("203.0.113.7", *clicks) for _ in range(3)]
    assert closed[0] is None
    assert 1008 in closed[1:]
    assert await visitors.stays("203.0.113.8", *clicks) is None
    await visitors.all_leave()


async def test_what_the_first_socket_starts_has_not_its_ids() -> None:
    seen: list[dict[str, Any]] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(structlog.contextvars.get_contextvars())
        await send({"type": "websocket.close", "code": 1000})

    await Socket(
        wrap(app, settings=settings()), host="localhost:3000", origin="http://localhost:3000"
    ).run()
    assert seen == [{}]
