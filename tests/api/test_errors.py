"""Every failure of the API has one shape, and only the API's paths are the API's."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from blossomer.api.app import create_api
from blossomer.api.errors import is_api_path
from blossomer.api.middleware import wrap
from tests.api.conftest import Api, OpenApi

GENERATE = "/demo/companies/generate-ai"


def error_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "action", "request_id"}
    assert error["code"] == code
    assert error["message"]
    assert error["action"]
    assert error["request_id"] == answer.headers["x-request-id"]
    return dict(error)


@pytest.mark.parametrize("path", ["/demo/nothing", "/demo/", "/api/v1/x", "/auth/x", "/metrics/",
                                  "/health/", "/health/x", "/docs/", "/openapi.json/"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_path_of_the_api(api: Api, path: str, method: str) -> None:
    async with api.client() as client:
        error_of(await client.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("GET", GENERATE, "POST"), ("PUT", GENERATE, "POST"), ("POST", "/health", "GET"),
     ("DELETE", "/openapi.json", "GET"), ("POST", "/docs", "GET")],
)  # fmt: skip
async def test_a_method_that_a_path_does_not_take(
    api: Api, method: str, path: str, allow: str
) -> None:
    async with api.client() as client:
        answer = await client.request(method, path)
    error = error_of(answer, 405, "method_not_allowed")
    assert allow in answer.headers["allow"]
    assert allow in error["action"]


@pytest.mark.parametrize("method", ["TRACE", "FOO", "PROPFIND"])
@pytest.mark.parametrize("path", [GENERATE, "/health", "/docs", "/openapi.json"])
async def test_a_method_that_nothing_takes(api: Api, method: str, path: str) -> None:
    async with api.client() as client:
        answer = await client.request(method, path)
    error_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]  # RFC 9110, section 15.5.6


@pytest.mark.parametrize("path", ["/health", "/docs"])
async def test_a_monitor_may_ask_for_the_head_alone(api: Api, path: str) -> None:
    async with api.client() as client:
        answer = await client.head(path)
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff\xfe"])
async def test_a_body_that_is_not_json(api: Api, body: bytes) -> None:
    async with api.client() as client:
        answer = await client.post(
            GENERATE, content=body, headers={"content-type": "application/json"}
        )
    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code, answer.json()["error"]["code"])


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "JSON object"),
        ("text", "JSON object"),
        ({}, "Website"),
        ({"website_url": 7}, "website_url"),
        ({"website_url": None}, "website_url"),
        ({"website_url": "acme.com", "tier": "paid"}, "tier"),
        ({"website_url": "x" * 2_001}, "website_url"),
        ({"pasted_text": "x" * 50_001}, "pasted_text"),
    ],
)
async def test_a_body_of_the_wrong_shape_says_which_part(api: Api, body: Any, word: str) -> None:
    async with api.client() as client:
        error = error_of(await client.post(GENERATE, json=body), 422, "invalid_input")
    assert word in error["message"]


async def test_a_body_over_the_cap_announced_or_not(api: Api) -> None:
    async def pieces() -> Any:
        for _ in range(30):
            yield b"x" * 10_000

    async with api.client() as client:
        error_of(await client.post(GENERATE, content=b"x" * 200_001), 413, "body_too_large")
        error_of(await client.post(GENERATE, content=pieces()), 413, "body_too_large")


async def test_a_body_in_pieces_below_the_cap_is_read_whole(api: Api) -> None:
    async def pieces() -> Any:
        yield b'{"website_url": '
        yield b'"not an address"}'

    async with api.client() as client:
        answer = await client.post(
            GENERATE, content=pieces(), headers={"content-type": "application/json"}
        )
    assert answer.json()["error"]["code"] == "invalid_url"


async def test_a_bug_shows_no_stack(open_api: OpenApi) -> None:
    async with open_api() as running:
        app = create_api(running.settings)
        broken = APIRouter()

        @broken.get("/demo/broken")
        async def broken_endpoint() -> None:
            raise RuntimeError("postgres://user:pw@10.0.0.1")

        app.router.routes.insert(0, broken.routes[0])
        transport = httpx.ASGITransport(wrap(app, settings=running.settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/demo/broken")
    error_of(answer, 500, "internal_error")
    assert "10.0.0.1" not in answer.text


async def test_pages_are_left_to_whoever_is_mounted_below(open_api: OpenApi) -> None:
    async with open_api() as running:
        app = create_api(running.settings)
        app.mount("", PlainTextResponse("a page"))
        transport = httpx.ASGITransport(wrap(app, settings=running.settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for path in ("/", "/playground/company", "/docs-of-ours", "/demos", "/healthy"):
                assert (await client.get(path)).text == "a page"
            assert (await client.get("/demo/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("path", "belongs"),
    [("/demo/x", True), ("/health", True), ("/health/", True), ("/docs", True), ("/demo", False),
     ("/", False), ("/healthy", False), ("/playground/demo/x", False)],
)  # fmt: skip
def test_which_paths_are_the_api_s(path: str, belongs: bool) -> None:
    assert is_api_path(path) is belongs


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"[]", "application/json"),
    ],
)
async def test_a_body_that_is_no_json_object_is_told_how_to_be_one(
    api: Api, body: bytes, content_type: str
) -> None:
    async with api.client() as client:
        answer = await client.post(GENERATE, content=body, headers={"Content-Type": content_type})
    error = error_of(answer, 422, "invalid_input")
    assert "JSON object" in error["message"]
    assert "Content-Type: application/json" in error["action"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_a_body_that_is_not_sent_as_json(api: Api, content_type: str) -> None:
    """The first is what curl sends by itself."""
    body = b'{"website_url": "acme.com"}'
    async with api.client() as client:
        answer = await client.post(GENERATE, content=body, headers={"Content-Type": content_type})
    error = error_of(answer, 415, "unsupported_media_type")
    assert "Content-Type: application/json" in error["action"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/xml", 406),
        ("text/html;q=0.9, image/*", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0, */*", 422),
        ("application/*", 422),
        ("*/*;q=0.1", 422),
        ("text/event-stream", 422),
        ("text/*", 422),
        ("", 422),
    ],
)
async def test_an_answer_that_nobody_wants(api: Api, accept: str, status: int) -> None:
    async with api.client() as client:
        answer = await client.post(GENERATE, json={}, headers={"Accept": accept})
    error_of(answer, status, "not_acceptable" if status == 406 else "invalid_input")
