"""What a monitor gets: alive whatever else is down, and ready only when it can serve."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.api import health
from blossomer.api.health import Readiness, server_health
from blossomer.db.check import database_health
from tests.api.conftest import Api, OpenApi
from tests.support.redis import RedisServer


async def test_alive_asks_nothing_of_anything_else(api: Api) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("asked")

    api.runtime.database_health = never
    api.runtime.reader.health = never  # type: ignore[method-assign, assignment]
    async with api.client() as client:
        answer = await client.get("/health")
        head = await client.head("/health")
    assert answer.status_code == head.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["version"]
    assert answer.json()["uptime_seconds"] >= 0
    assert answer.headers["cache-control"] == "no-store"
    assert head.content == b""


async def test_ready_tells_about_every_part(
    open_api: OpenApi, engine: AsyncEngine, new_redis_url: str, tmp_path: Path
) -> None:
    values = {"llm_tokens_per_day": 1_000, "redis_url": new_redis_url, "data_dir": tmp_path}
    async with open_api(**values) as api, api.client() as client:
        api.runtime.database_health = lambda: database_health(engine)
        api.runtime.budget.spend(400)
        await api.runtime.budget.flush()
        answer = await client.get("/health/ready")
        await api.runtime.stop()
    assert answer.status_code == 200, answer.text
    state = answer.json()
    assert state["status"] == state["database"]["status"] == state["redis"]["status"] == "ok"
    assert state["database"]["latency_ms"] > 0
    pool = state["database"]["pool"]
    assert pool["most"] >= pool["open"] >= 1
    assert pool["in_use"] == 0
    assert state["website_reader"]["name"] == "built-in"
    assert state["models"] == []
    budget = state["budget"]
    assert (budget["status"], budget["used"], budget["left"]) == ("ok", 400, 600)
    assert 0 < budget["resets_in_seconds"] <= 24 * 3600


async def test_a_database_that_is_down_or_raises_is_503(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", -1.0)

    async def down() -> dict[str, Any]:
        return {"status": "unavailable"}

    async def raising() -> dict[str, Any]:
        raise OSError("connect to 10.0.0.1 failed")

    for check in (down, raising):
        api.runtime.database_health = check
        async with api.client() as client:
            answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.json()["status"] == "down"
        error = answer.json()["error"]
        assert (error["code"], error["message"]) == ("not_ready", "The database does not answer.")
        assert error["request_id"] == answer.headers["x-request-id"]
        assert "10.0.0.1" not in answer.text


async def test_a_redis_that_is_set_and_down_or_hanging_is_503_and_the_server_alive(
    open_api: OpenApi, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", -1.0)
    async with open_api(redis_url=own_redis.url) as api, api.client() as client:
        assert (await client.get("/health/ready")).json()["redis"]["status"] == "ok"
        own_redis.hang()
        hanging = await client.get("/health/ready")
        own_redis.go_on()
        own_redis.kill()
        gone = await client.get("/health/ready")
        assert (await client.get("/health")).status_code == 200
        own_redis.start()
        again = await client.get("/health/ready")
        await api.runtime.stop()
    for answer in (hanging, gone):
        assert answer.status_code == 503
        assert answer.json()["redis"]["status"] == "down"
    assert again.status_code == 200


async def test_a_database_that_hangs_does_not_hang_the_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)

    async def hanging() -> dict[str, Any]:
        while True:  # not even its cancellation ends it
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if released.is_set():
                    raise

    released = asyncio.Event()
    api.runtime.database_health = hanging
    state = await asyncio.wait_for(server_health(api.runtime), timeout=5)
    assert state["status"] == "down"
    assert "no answer" in state["database"]["detail"]
    released.set()
    for task in asyncio.all_tasks():
        if "hanging" in repr(task.get_coro()):
            task.cancel()


async def test_many_who_ask_at_once_are_one_question() -> None:
    asked = 0

    async def look() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return {"status": "ok"}

    readiness = Readiness(look)
    states = await asyncio.gather(*(readiness.state() for _ in range(50)))
    assert asked == 1
    assert all(state == {"status": "ok"} for state in states)


async def test_ready_names_each_model_with_its_breaker_and_how_often_it_fails(
    open_api: OpenApi,
) -> None:
    keys = {"openai_api_key": "k", "anthropic_api_key": "k"}
    async with (
        open_api(
            llm_models="openai/a, anthropic/b", breaker_recovery_seconds=42, **keys
        ) as running,
        running.client() as client,
    ):
        outcomes = running.runtime.router._outcomes["openai/a"]
        for answered in (True, False, True, True):
            outcomes.note(answered=answered)
        models = (await client.get("/health/ready")).json()["models"]
    assert [(m["provider"], m["state"]) for m in models] == [
        ("openai", "closed"),
        ("anthropic", "closed"),
    ]
    assert [m["failure_rate"] for m in models] == [0.25, 0.0]
    assert [m["recent_requests"] for m in models] == [4, 0]
    assert {m["recovery_seconds"] for m in models} == {42}


async def test_a_budget_that_is_used_up_is_told_and_the_server_can_serve(
    open_api: OpenApi, tmp_path: Path
) -> None:
    async with (
        open_api(llm_tokens_per_day=10, data_dir=tmp_path) as api,
        api.client() as client,
    ):
        api.runtime.budget.spend(11)
        answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["budget"]["status"] == "used up"
    assert answer.json()["budget"]["left"] == 0


async def test_monitors_are_not_counted(open_api: OpenApi) -> None:
    async with open_api(api_requests_per_minute=1) as api, api.client() as client:
        for _ in range(5):
            for path in ("/health", "/health/ready"):
                answer = await client.get(path)
                assert answer.status_code == 200
                assert "ratelimit" not in answer.headers
