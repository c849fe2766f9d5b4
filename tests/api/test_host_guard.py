"""In production: known names, HTTPS alone, and monitors that ask by address are answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from blossomer.api.host_guard import MONITORED
from blossomer.api.middleware import wrap
from blossomer.services.client_address import client_scheme
from blossomer.settings import Settings
from tests.support.production import PRODUCTION

NAMES = {"extra_origins": "https://www.example.com,https://b.example.com:8443"}
HTTPS = {"X-Forwarded-Proto": "https"}


async def show(request: Request) -> JSONResponse:
    return JSONResponse({"scheme": request.url.scheme, "headers": dict(request.headers)})


def server(tmp_path: Path, **values: Any) -> httpx.AsyncClient:
    """A client of a server of which every address shows what has come in."""
    methods = ["GET", "POST"]
    inner = Starlette(routes=[Route("/{path:path}", show, methods=methods)])
    settings = Settings(_env_file=None, **{**PRODUCTION, **NAMES, **values})  # type: ignore[call-arg]
    transport = httpx.ASGITransport(wrap(inner, settings=settings, pages=tmp_path))
    return httpx.AsyncClient(transport=transport, base_url="http://10.0.0.3:3000")


@pytest.mark.parametrize(
    "host",
    ["app.example.com", "APP.example.com", "app.example.com:443", "www.example.com",
     "b.example.com:8443"],
)  # fmt: skip
async def test_a_name_of_the_settings_is_answered(tmp_path: Path, host: str) -> None:
    async with server(tmp_path) as client:
        answer = await client.get("/page", headers={"Host": host, **HTTPS})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "app.example.com.evil.example", "app.example.com.", "example.com",
     "app.example.com:3000", "b.example.com", "10.0.0.3:3000", "localhost", "", "a b",
     "app.example.com@evil.example", "app.example.com,evil.example", "[::1]", "x" * 5_000],
)  # fmt: skip
async def test_any_other_name_is_refused_in_words(tmp_path: Path, host: str) -> None:
    sent = {"Host": host, "X-Forwarded-Host": "app.example.com", **HTTPS}
    async with server(tmp_path) as client:
        page = await client.get("/page", headers=sent)
        api = await client.get("/api/companies", headers=sent)
    assert page.status_code == api.status_code == 421
    assert "does not answer under that name" in page.text
    assert page.headers["content-type"].startswith("text/plain")
    assert api.json()["error"]["code"] == "unknown_host"
    assert api.json()["error"]["request_id"] == api.headers["x-request-id"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "evil" not in page.text


@pytest.mark.parametrize("path", sorted(MONITORED))
async def test_a_monitor_may_ask_by_address_and_without_https(tmp_path: Path, path: str) -> None:
    async with server(tmp_path) as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}-of-somebody")).status_code == 421


async def test_a_page_asked_for_without_https_is_there(tmp_path: Path) -> None:
    async with server(tmp_path) as client:
        for host in ("app.example.com", "b.example.com:8443"):
            sent = {"Host": host, "X-Forwarded-Proto": "http"}
            answer = await client.get("/a%20b/%25?next=/x&y=%2F", headers=sent)
            assert answer.status_code == 308
            assert answer.headers["location"] == f"https://{host}/a%20b/%25?next=/x&y=%2F"
            assert "max-age=" in answer.headers["strict-transport-security"]
        bare = await client.get(
            "http://10.0.0.3//evil.example/", headers={"Host": "app.example.com"}
        )
        assert bare.headers["location"] == "https://app.example.com//evil.example/"


async def test_what_was_sent_without_https_is_refused_and_not_sent_on(tmp_path: Path) -> None:
    sent = {"Host": "app.example.com", "X-Forwarded-Proto": "http", "Authorization": "Bearer x"}
    async with server(tmp_path) as client:
        for answer in (
            await client.get("/api/companies", headers=sent),
            await client.post("/auth/logout", headers=sent),
            await client.post("/page", headers=sent),
        ):
            assert answer.status_code == 403
            assert "https" in answer.text
            assert "location" not in answer.headers


async def test_nobody_can_claim_https_without_a_proxy(tmp_path: Path) -> None:
    local = {"public_url": "http://localhost:3000", "extra_origins": "https://app.example.com"}
    async with server(tmp_path, **local, trusted_proxy_hops=0) as client:
        answer = await client.get("/page", headers={"Host": "app.example.com", **HTTPS})
        assert answer.status_code == 308
        # On one's own machine there is no HTTPS to be sent to.
        answer = await client.get("/page", headers={"Host": "localhost:3000"})
        assert answer.status_code == 200


async def test_inside_the_scheme_is_the_clients_and_the_headers_are_gone(tmp_path: Path) -> None:
    sent = {"Host": "app.example.com", "X-Forwarded-Host": "evil.example", **HTTPS}
    async with server(tmp_path) as client:
        seen = (await client.get("/page", headers=sent)).json()
    assert seen["scheme"] == "https"
    assert not [name for name in seen["headers"] if name.startswith("x-forwarded")]


async def test_in_development_every_name_is_answered(tmp_path: Path) -> None:
    async with server(tmp_path, environment="development") as client:
        assert (await client.get("/page", headers={"Host": "box.lan:3000"})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ({"host": "app.example.com", "x-forwarded-proto": "https"}, True),
        ({"host": "app.example.com", "x-forwarded-proto": "wss"}, True),
        ({"host": "app.example.com", "x-forwarded-proto": "http"}, False),
        ({"host": "app.example.com"}, False),
        ({"host": "10.0.0.3", "x-forwarded-proto": "https"}, False),
    ],
)
async def test_a_websocket_opens_under_a_known_name_over_https_alone(
    tmp_path: Path, headers: dict[str, str], opens: bool
) -> None:
    reached: list[str] = []
    sent: list[Message] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(scope["scheme"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    settings = Settings(_env_file=None, **PRODUCTION)  # type: ignore[call-arg]
    with_origin = {"origin": "https://app.example.com", **headers}
    scope: Scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/_event/",
        "query_string": b"",
        "client": ("10.0.0.2", 1),
        "headers": [(k.encode(), v.encode()) for k, v in with_origin.items()],
    }
    await wrap(inner, settings=settings, pages=tmp_path)(scope, receive, send)
    assert reached == (["wss"] if opens else [])
    assert [message.get("code") for message in sent] == ([] if opens else [1008])


@pytest.mark.parametrize(
    ("said", "hops", "scheme"),
    [
        ([], 1, "http"),
        (["https"], 0, "http"),
        (["https"], 1, "https"),
        (["HTTPS "], 1, "https"),
        (["http"], 1, "http"),
        # The outermost proxy of two, each of which appended.
        (["https, http"], 2, "https"),
        (["https", "http"], 2, "https"),
        # What the client invented stands left of it.
        (["https, http, http"], 2, "http"),
        # Only one of two says it.
        (["https"], 2, "https"),
        (["gopher"], 1, "http"),
        ([","], 1, "http"),
    ],
)
def test_which_scheme_a_client_has_used(said: list[str], hops: int, scheme: str) -> None:
    assert client_scheme("http", said, hops) == scheme
    assert client_scheme("ws", said, hops) == scheme.replace("http", "ws")
