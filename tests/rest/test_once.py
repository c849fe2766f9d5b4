"""A request with a key is carried out once, however often and from wherever it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from blossomer.db import tables
from blossomer.db.idempotency import MOST_ANSWERS, SILENT_SECONDS, DatabaseAnswers, Given
from blossomer.db.removal import purge_answers
from blossomer.db.store import DatabaseStore
from blossomer.errors import UserError
from blossomer.services import idempotency
from blossomer.services.idempotency import (
    MOST_IN_MEMORY,
    Answers,
    MemoryAnswers,
    Once,
    RedisAnswers,
    claim_once,
)
from tests.api.test_demo import sse
from tests.rest.conftest import PASTED, Rest, good, refused

GIVEN = Given(201, {"ETag": '"1"'}, b'{"a":1}')


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def test_the_same_request_again_gets_the_same_answer(ada: httpx.AsyncClient) -> None:
    same = key()
    first = await ada.post("/api/companies", json={"name": "Acme"}, headers=same)
    made = good(first, 201)
    await ada.patch(f"/api/companies/{made['id']}", json={"name": "Changed since"})
    again = await ada.post("/api/companies", json={"name": "Acme"}, headers=same)
    assert good(again, 201) == made
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert good(await ada.get("/api/companies"))["total"] == 1
    other = await ada.post("/api/companies", json={"name": "Other"}, headers=same)
    refused(other, 422, "idempotency_key_reused")
    elsewhere = await ada.post("/api/companies?x=1", json={"name": "Acme"}, headers=same)
    refused(elsewhere, 422, "idempotency_key_reused")


async def test_keys_are_everybodys_own(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    same = key()
    mine = good(await ada.post("/api/companies", json={"name": "Acme"}, headers=same), 201)
    theirs = good(await bob.post("/api/companies", json={"name": "Other"}, headers=same), 201)
    assert mine["id"] != theirs["id"]


@pytest.mark.parametrize("bad", ["", "x" * 256, "with space", "ümlaut".encode()])
async def test_keys_that_are_none(ada: httpx.AsyncClient, bad: str | bytes) -> None:
    answer = await ada.post(
        "/api/companies",
        json={"name": "A"},
        headers={"Idempotency-Key": bad},  # type: ignore[dict-item]
    )
    refused(answer, 422, "invalid_input")
    assert good(await ada.get("/api/companies"))["total"] == 0


async def test_many_at_the_same_moment_do_it_once(ada: httpx.AsyncClient) -> None:
    same = key()

    async def send() -> httpx.Response:
        return await ada.post("/api/companies", json={"name": "Acme"}, headers=same)

    answers = await asyncio.gather(*(send() for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "still_working")
            assert answer.headers["retry-after"]
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    good(await send(), 201)
    assert good(await ada.get("/api/companies"))["total"] == 1


async def test_what_was_refused_can_be_repeated(ada: httpx.AsyncClient) -> None:
    same = key()
    body = {"name": "Terminals", "parents": {"company": str(uuid4())}}
    for _ in range(2):
        answer = await ada.post("/api/accounts", json=body, headers=same)
        refused(answer, 404, "parent_missing")
    good(await ada.post("/api/companies", json={"name": "Acme"}, headers=same), 201)


async def test_a_generation_is_written_and_counted_once(ada: httpx.AsyncClient) -> None:
    same, events = key(), {"Accept": "text/event-stream"}
    body = {"inputs": {"pasted_text": PASTED}}

    async def send(**headers: str) -> httpx.Response:
        return await ada.post("/api/companies/generate-ai", json=body, headers={**same, **headers})

    first = await send(**events)
    company = sse(first.text)[-1][1]
    left = int(first.headers["ratelimit-remaining"])
    again = await send()
    assert good(again, 201) == company
    assert again.headers["idempotency-replayed"] == "true"
    as_events = await send(**events)
    assert sse(as_events.text) == [("completed", company)]
    assert good(await ada.get("/api/companies"))["total"] == 1

    url, same = f"/api/companies/{company['id']}", key()
    one = good(await ada.post(f"{url}/suggest", json={"most": 1}, headers=same))
    two = good(await ada.post(f"{url}/suggest", json={"most": 1}, headers=same))
    assert one == two
    assert good(await ada.get("/api/accounts"))["total"] == 1
    third = await ada.post(f"{url}/fields/objections/generate-ai", headers=key())
    assert int(third.headers["ratelimit-remaining"]) == left - 2


async def test_a_generation_goes_on_when_its_client_is_gone(
    ada: httpx.AsyncClient, rest: Rest
) -> None:
    same, body = key(), {"inputs": {"pasted_text": PASTED}}
    sending = asyncio.create_task(ada.post("/api/companies/generate-ai", json=body, headers=same))
    workspace = rest.runtime.workspace
    assert workspace is not None
    async with asyncio.timeout(20):
        while not workspace.runs._runs:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
    sending.cancel()
    async with asyncio.timeout(20):
        while True:
            answer = await ada.post("/api/companies/generate-ai", json=body, headers=same)
            if answer.status_code != 409:
                break
            await asyncio.sleep(0.05)
    good(answer, 201)
    assert good(await ada.get("/api/companies"))["total"] == 1


async def test_without_an_account(rest: Rest) -> None:
    same, body = key(), {"pasted_text": PASTED}
    async with rest.client() as client:
        url = "/demo/companies/generate-ai"
        first = await client.post(url, json=body, headers=same)
        again = await client.post(url, json=body, headers=same)
        assert good(again) == good(first)
        assert again.headers["idempotency-replayed"] == "true"
        events = {**key(), "Accept": "text/event-stream"}
        told = sse((await client.post(url, json=body, headers=events)).text)
        assert told[0][0] == "stage"
        assert sse((await client.post(url, json=body, headers=events)).text) == told[-1:]
        other = await client.post(url, json={"pasted_text": PASTED + "x"}, headers=same)
        refused(other, 422, "idempotency_key_reused")
        short = {"pasted_text": "Too short."}
        codes = {
            (await client.post(url, json=short, headers=key_)).status_code for key_ in [key()] * 2
        }
        assert codes == {422}


async def test_an_import_with_a_key(ada: httpx.AsyncClient) -> None:
    made = good(await ada.post("/api/companies", json={"name": "Acme"}), 201)
    plan = (await ada.get(f"/api/companies/{made['id']}/export?format=json")).content
    same = key()
    first = good(await ada.post("/api/import", content=plan, headers=same))
    assert first["imported"] == {"company": 1}
    assert good(await ada.post("/api/import", content=plan, headers=same)) == first


# Where answers are


@pytest.fixture(params=["database", "memory", "redis"])
async def answers(request: pytest.FixtureRequest, store: DatabaseStore) -> AsyncIterator[Answers]:
    if request.param == "database":
        yield DatabaseAnswers(store)
    elif request.param == "memory":
        yield MemoryAnswers()
    else:
        redis_url = request.getfixturevalue("redis_url")
        from tests.support.fake_models import model_settings

        redis = RedisAnswers(model_settings(redis_url=redis_url))
        yield redis
        await redis._redis.aclose()


async def test_one_gets_it_and_the_others_wait(answers: Answers) -> None:
    name = str(uuid4())
    found = await asyncio.gather(
        *(claim_once(answers, name, "f") for _ in range(5)), return_exceptions=True
    )
    (once,) = (each for each in found if isinstance(each, Once))
    waiting = [each for each in found if isinstance(each, UserError)]
    assert {each.code for each in waiting} == {"still_working"}
    assert len(waiting) == 4
    with pytest.raises(UserError, match="Another request"):
        await claim_once(answers, name, "another")

    async def work() -> Given:
        return GIVEN

    assert await once.carry_out(work) == GIVEN
    assert await claim_once(answers, name, "f") == GIVEN
    with pytest.raises(UserError, match="Another request"):
        await claim_once(answers, name, "another")


async def test_nothing_is_kept_of_what_fails(answers: Answers) -> None:
    name = str(uuid4())
    once = await claim_once(answers, name, "f")
    assert isinstance(once, Once)

    async def work() -> Given:
        raise UserError("x", "It failed.", "Again.")

    with pytest.raises(UserError, match="It failed"):
        await once.carry_out(work)
    assert isinstance(await claim_once(answers, name, "another"), Once)


async def test_it_is_done_although_whoever_waits_is_gone(answers: Answers) -> None:
    name, go_on = str(uuid4()), asyncio.Event()
    once = await claim_once(answers, name, "f")
    assert isinstance(once, Once)

    async def work() -> Given:
        await go_on.wait()
        return GIVEN

    waiting = asyncio.create_task(once.carry_out(work))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    go_on.set()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await claim_once(answers, name, "f") == GIVEN
                break
            except UserError as error:
                assert error.code == "still_working"
                await asyncio.sleep(0.01)


async def test_whoever_falls_silent_is_followed_by_the_next(store: DatabaseStore) -> None:
    answers, name = DatabaseAnswers(store), str(uuid4())
    first = await claim_once(answers, name, "f")
    assert isinstance(first, Once)
    long_ago = tables.GivenAnswer.alive_at - timedelta(seconds=SILENT_SECONDS + 1)
    await _set(store, alive_at=long_ago)
    with pytest.raises(UserError, match="Another request"):
        await claim_once(answers, name, "another")
    second = await claim_once(answers, name, "f")
    assert isinstance(second, Once)
    assert second.document_id == first.document_id, "what the first has made is found"
    await answers.give(name, first.claimed, GIVEN)
    with pytest.raises(UserError, match="still being carried out"):
        await claim_once(answers, name, "f")
    await _set(store, alive_at=long_ago)
    await answers.is_alive(name, second.claimed)
    with pytest.raises(UserError, match="still being carried out"):
        await claim_once(answers, name, "f")


async def test_after_a_day_the_key_is_new(store: DatabaseStore, engine: AsyncEngine) -> None:
    answers, name = DatabaseAnswers(store), str(uuid4())
    first = await claim_once(answers, name, "f")
    assert isinstance(first, Once)
    await answers.give(name, first.claimed, GIVEN)
    await _set(store, created_at=tables.GivenAnswer.created_at - timedelta(hours=25))
    again = await claim_once(answers, name, "another")
    assert isinstance(again, Once)
    assert again.document_id != first.document_id
    await _set(store, created_at=tables.GivenAnswer.created_at - timedelta(hours=25))
    assert await purge_answers(engine) >= 1
    async with store.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM given_answers")) == 0


async def test_what_is_made_is_found_by_whoever_takes_over(rest: Rest) -> None:
    """A worker that ended after it had kept a document, and before it could say so."""
    ada = await rest.somebody()
    workspace = rest.runtime.workspace
    assert workspace is not None
    store, same = workspace.store(ada.user_id), key()
    body = {"inputs": {"pasted_text": PASTED}}
    async with rest.client(ada.bearer) as client:
        for path, sent in (("", {"name": "Acme"}), ("/generate-ai", body)):
            same = key()
            url = f"/api/companies{path}"
            first = good(await client.post(url, json=sent, headers=same), 201)
            long_ago = tables.GivenAnswer.alive_at - timedelta(seconds=SILENT_SECONDS + 1)
            await _set(store, status=None, alive_at=long_ago)
            again = good(await client.post(url, json=sent, headers=same), 201)
            assert again["id"] == first["id"]
        assert good(await client.get("/api/companies"))["total"] == 2


async def test_nobody_fills_the_disk(store: DatabaseStore) -> None:
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO given_answers (user_id, key, fingerprint, claim, status, created_at) "
                "SELECT :user, 'k' || n, 'f', gen_random_uuid(), 200, "
                "       now() - n * interval '1 second' FROM generate_series(1, :many) AS n"
            ),
            {"user": store.user_id, "many": MOST_ANSWERS + 50},
        )
    await claim_once(DatabaseAnswers(store), "new", "f")
    async with store.transaction() as session:
        count = await session.scalar(text("SELECT count(*) FROM given_answers"))
        assert count == MOST_ANSWERS + 1
    memory = MemoryAnswers()
    for number in range(MOST_IN_MEMORY + 5):
        await memory.claim(f"k{number}", "f")
    assert len(memory._entries) == MOST_IN_MEMORY


async def test_memory_forgets_in_time() -> None:
    now = 0.0
    answers = MemoryAnswers(lambda: now)
    once = await claim_once(answers, "k", "f")
    assert isinstance(once, Once)
    now = SILENT_SECONDS - 1
    await answers.is_alive("k", once.claimed)
    now = 2 * SILENT_SECONDS - 2
    with pytest.raises(UserError):
        await claim_once(answers, "k", "f")
    now = 2 * SILENT_SECONDS
    assert isinstance(await claim_once(answers, "k", "f"), Once)


async def test_without_redis_it_is_said_in_words() -> None:
    from tests.support.fake_models import model_settings

    answers = RedisAnswers(model_settings(redis_url="redis://127.0.0.1:1/0"))
    with pytest.raises(UserError) as raised:
        await claim_once(answers, "k", "f")
    assert raised.value.code == "idempotency_unavailable"


async def test_an_answer_is_noted_as_soon_as_the_database_is_back(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, name = DatabaseAnswers(store), str(uuid4())
    once = await claim_once(answers, name, "f")
    assert isinstance(once, Once)
    give, failures = answers.give, 2

    async def gone_for_a_while(*arguments: Any) -> None:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise UserError("database_unavailable", "Gone.", "Wait.", status=503)
        await give(*arguments)

    monkeypatch.setattr(answers, "give", gone_for_a_while)
    monkeypatch.setattr(idempotency, "NOTING_PAUSE", 0)

    async def work() -> Given:
        return GIVEN

    assert await once.carry_out(work) == GIVEN
    assert await claim_once(answers, name, "f") == GIVEN


async def _set(store: DatabaseStore, **values: Any) -> None:
    async with store.transaction() as session:
        await session.execute(update(tables.GivenAnswer).values(**values))
