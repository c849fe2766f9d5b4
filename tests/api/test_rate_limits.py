"""How often the API may be called, and how every answer says what is left."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from blossomer.api.client import UNLIMITED
from blossomer.api.errors import error_response
from blossomer.errors import UserError
from tests.api.conftest import OpenApi
from tests.api.test_demo import GENERATE, PASTED
from tests.api.test_errors import error_of
from tests.support.redis import RedisServer

ITEM = re.compile(r'"(\w+)";([a-z]=\d+(?:;[a-z]=\d+)*)')


def limits_of(answer: httpx.Response) -> dict[str, dict[str, int]]:
    """What the two structured fields say (RFC 9651), by the name of the limit."""
    found: dict[str, dict[str, int]] = {}
    for header in ("ratelimit-policy", "ratelimit"):
        for item in answer.headers[header].split(", "):
            parsed = ITEM.fullmatch(item)
            assert parsed, item
            pairs = (pair.split("=") for pair in parsed[2].split(";"))
            found.setdefault(parsed[1], {}).update({key: int(value) for key, value in pairs})
    return found


def plain(answer: httpx.Response) -> tuple[int, int, int]:
    """The three headers of the earlier drafts."""
    return (
        int(answer.headers["ratelimit-limit"]),
        int(answer.headers["ratelimit-remaining"]),
        int(answer.headers["ratelimit-reset"]),
    )


async def test_every_answer_says_what_is_left_whatever_it_is(open_api: OpenApi) -> None:
    async def too_much() -> Any:
        for _ in range(30):
            yield b"x" * 10_000

    async with open_api(api_requests_per_minute=50) as api, api.client() as client:
        asked: list[tuple[int, Any]] = [
            (200, client.get("/docs")),
            (200, client.get("/openapi.json")),
            (200, client.get("/auth/session")),
            (404, client.get("/demo/nothing")),
            (405, client.get(GENERATE)),
            (405, client.request("PROPFIND", "/docs")),
            (413, client.post(GENERATE, content=too_much())),
            (415, client.post(GENERATE, content=b"{")),
            (401, client.get("/auth/export")),
            (503, client.get("/auth/session", headers={"Authorization": "Bearer abc"})),
            (303, client.get("/auth/login/google")),
        ]
        for number, (status, request) in enumerate(asked, start=1):
            answer = await request
            assert answer.status_code == status, answer.text
            limit, left, resets = plain(answer)
            assert (limit, left) == (50, 50 - number)
            assert 0 < resets <= 60
            assert limits_of(answer) == {"requests": {"q": 50, "w": 60, "r": left, "t": resets}}
            if status in (429, 503):
                assert int(answer.headers["retry-after"]) >= 1


async def test_an_answer_about_generations_says_both(open_api: OpenApi) -> None:
    async with open_api(api_requests_per_minute=50) as api, api.client() as client:
        for left in (4, 3):
            answer = await client.post(GENERATE, json={"pasted_text": PASTED})
            assert answer.status_code == 200
            assert plain(answer)[:2] == (5, left)
            said = limits_of(answer)
            assert said["generations"] == {"q": 5, "w": 3600, "r": left, "t": plain(answer)[2]}
            assert (said["requests"]["q"], said["requests"]["r"]) == (50, 45 + left)
        streamed = await client.post(
            GENERATE, json={"pasted_text": PASTED}, headers={"Accept": "text/event-stream"}
        )
        assert streamed.headers["content-type"].startswith("text/event-stream")
        assert set(limits_of(streamed)) == {"generations", "requests"}


async def test_one_too_many_is_told_when_to_come_back_and_its_body_is_not_read(
    open_api: OpenApi,
) -> None:
    read = 0

    async def body() -> Any:
        nonlocal read
        read += 1
        yield b"{}"

    async with open_api(api_requests_per_minute=3) as api:
        async with api.client() as client:
            for path in ("/openapi.json", "/docs", "/demo/nothing"):
                assert (await client.get(path)).status_code != 429
            answer = await client.post(GENERATE, content=body())
            monitors = [await client.get(path) for path in ("/health", "/health/ready")]
        error_of(answer, 429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert plain(answer) == (3, 0, int(answer.headers["retry-after"]))
        assert [monitor.status_code for monitor in monitors] == [200, 200]
        async with api.client("203.0.113.99") as other:
            assert (await other.get("/docs")).status_code == 200
    assert read <= 1


async def test_a_burst_gets_exactly_the_limit_over_two_workers(
    open_api: OpenApi, new_redis_url: str
) -> None:
    values = {"api_requests_per_minute": 20, "redis_url": new_redis_url}
    async with open_api(**values) as one, open_api(**values) as other:
        clients = [api.client() for api in (one, other)]
        answers = await asyncio.gather(
            *(clients[n % 2].get("/openapi.json") for n in range(50)),
        )
        for client in clients:
            await client.aclose()
        await one.runtime.stop()
        await other.runtime.stop()
    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [429] * 30


async def test_without_redis_each_worker_counts_by_itself_and_then_together_again(
    open_api: OpenApi, own_redis: RedisServer
) -> None:
    values = {"api_requests_per_minute": 5, "redis_url": own_redis.url}
    async with open_api(**values) as api, api.client() as client:
        assert plain(await client.get("/docs"))[1] == 4
        own_redis.kill()
        lefts = [plain(await client.get("/docs"))[1] for _ in range(5)]
        assert lefts == [4, 3, 2, 1, 0]
        refused = await client.get("/docs")
        assert refused.status_code == 429
        own_redis.start()
        async with asyncio.timeout(30):
            while (await client.get("/docs")).status_code == 429:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await api.runtime.stop()


async def test_a_redis_that_hangs_holds_up_one_request_and_no_more(
    open_api: OpenApi, own_redis: RedisServer
) -> None:
    short = {"redis_url": own_redis.url, "redis_answer_seconds": 0.2}
    async with open_api(**short) as api, api.client() as client:
        assert (await client.get("/docs")).status_code == 200
        own_redis.hang()
        async with asyncio.timeout(10):
            for _ in range(5):
                assert (await client.get("/openapi.json")).status_code == 200
        own_redis.go_on()
        await api.runtime.stop()


@pytest.mark.parametrize("status", [429, 503])
def test_whatever_passes_says_when(status: int) -> None:
    for given, sent in ((None, True), (0, True), (7, True)):
        error = UserError("x", "It is so.", "Wait.", status=status, retry_after=given)
        assert ("retry-after" in error_response(error).headers) is sent
    assert "retry-after" not in error_response(UserError("x", "No.", "No.", status=404)).headers


def test_what_is_not_counted_is_what_monitors_ask() -> None:
    assert {path.rstrip("/") for path in UNLIMITED} == {"/health", "/health/ready", "/metrics"}


async def test_the_documentation_names_the_headers_of_what_is_counted(open_api: OpenApi) -> None:
    async with open_api() as api, api.client() as client:
        document = (await client.get("/openapi.json")).json()
    described = document["components"]["headers"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                headers = answer.get("headers", {})
                if path not in UNLIMITED and status[0] == "2":
                    assert {"RateLimit", "RateLimit-Policy", "RateLimit-Limit"} <= set(headers)
                if status in ("429", "503"):
                    assert "Retry-After" in headers, path
                for header in headers.values():
                    if "$ref" in header:
                        assert header["$ref"].rpartition("/")[2] in described
