"""What is different for a caller who is signed in: a count of their own, their use, their id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db import tables
from blossomer.db.generations import GenerationLog
from blossomer.db.store import DatabaseStore
from blossomer.services.limits import user_key
from tests.identity.conftest import App, OpenApp, sign_in, who
from tests.support.documents import CONFIG, company_document
from tests.support.fake_stack import FakeStack
from tests.support.logged import Logged


@pytest.fixture
async def app(open_app: OpenApp) -> AsyncIterator[App]:
    async with open_app(api_requests_per_minute=20, user_requests_per_minute=40) as app:
        yield app


def count_of(answer: httpx.Response) -> tuple[int, int]:
    return int(answer.headers["ratelimit-limit"]), int(answer.headers["ratelimit-remaining"])


async def test_a_user_has_one_count_wherever_they_are_and_it_is_not_their_address_s(
    app: App,
) -> None:
    async with app.browser() as home, app.browser(address="198.51.100.1") as office:
        email = f"{uuid4().hex}@example.com"
        for browser in (home, office):
            await sign_in(browser, email=email)
        limit, left = count_of(await home.get("/auth/session"))
        assert limit == 40
        assert count_of(await office.get("/auth/session")) == (40, left - 1)
        # Somebody else at the same address, who is not signed in, has the address's.
        async with app.browser() as visitor:
            assert count_of(await visitor.get("/auth/session"))[0] == 20


async def test_a_user_can_be_one_request_too_many(app: App) -> None:
    async with app.browser() as browser, app.browser(address="198.51.100.7") as elsewhere:
        await sign_in(browser, email=f"{uuid4().hex}@example.com")
        elsewhere.cookies = browser.cookies
        answers = [await browser.get("/auth/session") for _ in range(41)]
        assert {answer.status_code for answer in answers} == {200, 429}
        assert (await elsewhere.get("/auth/session")).status_code == 429
        async with app.browser() as visitor:
            assert (await visitor.get("/auth/session")).status_code == 200


@pytest.mark.parametrize("header", ["Bearer {}", "Bearer ey{}.x.y", "Basic {}", "{}", "Bearer"])
async def test_what_only_looks_like_a_token_buys_no_new_count(app: App, header: str) -> None:
    async with app.browser() as client:
        lefts = []
        for _ in range(3):
            headers = {"Authorization": header.format(uuid4().hex)}
            answer = await client.get("/auth/session", headers=headers)
            assert answer.status_code == 401
            lefts.append(count_of(answer))
    assert [limit for limit, _ in lefts] == [20] * 3
    assert [left for _, left in lefts] == list(range(lefts[0][1], lefts[0][1] - 3, -1))


async def test_a_cookie_that_opens_nothing_buys_no_new_count(app: App) -> None:
    async with app.browser() as client:
        lefts = []
        for _ in range(3):
            answer = await client.get("/docs", headers={"Cookie": f"blossomer={uuid4().hex * 2}"})
            lefts.append(count_of(answer)[1])
    assert lefts[0] - lefts[2] == 2


async def test_a_program_with_a_token_is_counted_as_its_user(
    open_app: OpenApp, stack: FakeStack
) -> None:
    async with (
        open_app(**stack.settings, user_requests_per_minute=40) as app,
        app.browser() as program,
        app.browser(address="198.51.100.1") as same,
    ):
        for number, client in enumerate((program, same), start=1):
            headers = {"Authorization": f"Bearer {stack.token()}"}
            answer = await client.get("/auth/session", headers=headers)
            assert count_of(answer) == (40, 40 - number)


async def test_who_it_is_is_asked_once_for_each_request(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.browser() as browser:
        await sign_in(browser, email=f"{uuid4().hex}@example.com")
        asked = 0
        real = app.sessions.identify

        async def counted(cookie: str | None) -> Any:
            nonlocal asked
            asked += 1
            return await real(cookie)

        monkeypatch.setattr(app.sessions, "identify", counted)
        assert (await who(browser))["signed_in"]
        assert asked == 1


async def test_a_lookup_that_hangs_does_not_hold_up_what_needs_none(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blossomer.api.client.IDENTITY_SECONDS", 0.05)

    async def never(_cookie: str | None) -> Any:
        return await asyncio.Event().wait()

    monkeypatch.setattr(app.sessions, "identify", never)
    async with app.browser() as browser:
        answer = await browser.get("/docs", headers={"Cookie": "blossomer=x"})
        assert answer.status_code == 200
        assert count_of(answer)[0] == 20, "counted as the address it comes from"


async def test_every_line_of_a_request_has_its_id_and_its_user(app: App, logged: Logged) -> None:
    async with app.browser() as browser:
        await sign_in(browser, email=f"{uuid4().hex}@example.com")
        user = (await who(browser))["user"]["id"]
        logged.forget()
        foreign = {"Origin": "https://evil.example", "X-Request-ID": "one-request-1"}
        assert (await browser.post("/auth/logout", headers=foreign)).status_code == 403
        page = await browser.get("/account-settings", headers={"X-Request-ID": "one-request-2"})
        assert page.status_code == 200
        async with app.browser() as visitor:
            await visitor.get("/docs", headers={"X-Request-ID": "one-request-3"})
    lines = [line for line in logged.lines() if str(line.get("request_id")).startswith("one-req")]
    assert {line["event"] for line in lines} == {"csrf.refused", "request"}
    by_request = {
        number: [line.get("user_id") for line in lines if line["request_id"].endswith(number)]
        for number in "123"
    }
    assert by_request == {"1": [user, user], "2": [user], "3": [None]}


def used(model: str, tokens: int, cost: float | None) -> dict[str, Any]:
    return {"writer": "model", "model": model, "input_tokens": tokens, "output_tokens": tokens // 4,
            "cost_usd": cost}  # fmt: skip


async def generated(store: DatabaseStore, made_by: dict[str, Any], *, days_ago: int = 0) -> None:
    """A row of a generation, as if it had been made some days ago."""
    log, key = GenerationLog(store), uuid4()
    await log.begin(key, entity=CONFIG.entity, inputs={})
    async with store.transaction() as session:
        await session.execute(log.finished(key, "completed", made_by, str(uuid4())))
        if days_ago:
            moment = datetime.now(UTC) - timedelta(days=days_ago)
            await session.execute(
                update(tables.Generation)
                .where(tables.Generation.id == key)  # type: ignore[arg-type]
                .values(started_at=moment)
            )


async def test_a_user_sees_their_use_by_day_and_model_and_nobody_elses(
    app: App, engine: AsyncEngine
) -> None:
    async with app.browser() as ada, app.browser() as bob:
        for browser in (ada, bob):
            await sign_in(browser, email=f"{uuid4().hex}@example.com")
        identity = (await who(ada))["user"]
        app.runtime.open_workspace(engine)
        store = DatabaseStore(engine, identity["id"])
        await store.create(CONFIG, company_document())
        await generated(store, used("openai/a", 400, 0.01))
        await generated(store, used("openai/a", 400, 0.02))
        await generated(store, used("local/b", 100, None))
        await generated(store, {"writer": "basic analysis", "model": ""})
        await generated(store, used("openai/a", 1_000, 0.5), days_ago=3)
        await generated(store, used("openai/a", 9_000, 9.0), days_ago=40)
        log, failed = GenerationLog(store), uuid4()
        await log.begin(failed, entity=CONFIG.entity, inputs={})
        await log.end(failed, "failed", {})
        await log.begin(uuid4(), entity=CONFIG.entity, inputs={})
        key = user_key(identity["id"], "free")
        await app.runtime.limits.take(key)

        answer = await ada.get("/api/usage")
        assert answer.status_code == 200, answer.text
        use = answer.json()
        today = datetime.now(UTC).date()
        assert use["since"] == str(today - timedelta(days=29))
        assert use["tier"] == "free"
        assert (use["generations"]["limit"], use["generations"]["left"]) == (10, 9)
        assert [(d["day"], d["model"], d["completed"], d["input_tokens"]) for d in use["days"]] == [
            (str(today), "", 0, 0),
            (str(today), "basic analysis", 1, 0),
            (str(today), "local/b", 1, 100),
            (str(today), "openai/a", 2, 800),
            (str(today - timedelta(days=3)), "openai/a", 1, 1_000),
        ]
        assert use["days"][0]["not_completed"] == 1
        assert use["total"] == {
            "completed": 5,
            "not_completed": 1,
            "input_tokens": 1_900,
            "output_tokens": 475,
            "cost_usd": 0.53,
        }
        assert '"generations";q=10;w=3600' in answer.headers["ratelimit-policy"]
        assert '"generations";r=9;t=' in answer.headers["ratelimit"]
        assert [d["completed"] for d in (await ada.get("/api/usage?days=1")).json()["days"]] == [
            0, 1, 1, 2,
        ]  # fmt: skip
        assert (await bob.get("/api/usage")).json()["days"] == []
        async with app.browser() as visitor:
            assert (await visitor.get("/api/usage")).status_code == 401
        for wrong in ("0", "367", "-1", "x", "1.5", "9" * 400):
            assert (await ada.get(f"/api/usage?days={wrong}")).status_code == 422
        workspace, app.runtime.workspace = app.runtime.workspace, None
        assert workspace is not None
        assert (await ada.get("/api/usage")).status_code == 503
        await workspace.stop()
