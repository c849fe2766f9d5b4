"""What is counted of a generation, and what is given back: also when its result cannot be kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.errors import UserError
from blossomer.services.client_address import anonymous_key
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Ideas,
    NotWritten,
    Partial,
    StageEvent,
    SuggestionEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.generation import USED_UP_NOTE
from blossomer.services.limits import user_key
from blossomer.services.mending import MendRequest
from blossomer.services.runtime import INTERRUPTED, Runtime
from tests.support.fake_models import PacedModel, answer_from_prompt
from tests.unit.test_suggestions import running

KEY = anonymous_key("203.0.113.7")
COMPANY = GenerationRequest("company", {"website_url": "acme.example"})
CONTEXT = {"company": RESULT_EXAMPLES["company"]}
GONE = UserError("database_unavailable", "It is away.", "Wait.", status=503)


async def left(runtime: Runtime, key: str = KEY) -> int:
    return (await runtime.limits.remaining(key)).left


async def last(events: AsyncGenerator[Any, None]) -> Any:
    result = None
    async with aclosing(events) as opened:
        async for event in opened:
            result = event
    return result


async def refuse(_event: object) -> None:
    raise GONE


async def break_(_event: object) -> None:
    raise RuntimeError("a fault of ours")


async def test_a_result_that_is_kept_is_counted_and_kept_before_it_is_told() -> None:
    kept: list[Completed] = []

    async def keep(event: Completed) -> None:
        kept.append(event)

    async with running() as (runtime, _):
        event = await last(runtime.generate(COMPANY, key=KEY, keep=keep))
        assert kept == [event]
        assert await left(runtime) == 19


@pytest.mark.parametrize(
    ("keep", "code"), [(refuse, "database_unavailable"), (break_, "internal_error")]
)
async def test_what_cannot_be_kept_is_given_back(keep: Any, code: str) -> None:
    async with running() as (runtime, _):
        event = await last(runtime.generate(COMPANY, key=KEY, keep=keep))
        assert isinstance(event, Failed)
        assert event.error.code == code
        assert await left(runtime) == 20
        assert isinstance(await last(runtime.generate(COMPANY, key=KEY)), Completed)


async def test_a_suggested_document_that_cannot_be_kept_is_given_back() -> None:
    async def keep(event: Written) -> None:
        if event.index % 2:
            raise GONE

    request = SuggestionRequest("account", parents={"company": "c1"}, context=CONTEXT)
    with PacedModel(answer_from_prompt, 0.05) as model:
        async with running(model) as (runtime, _):
            events: list[SuggestionEvent] = [
                event async for event in runtime.suggest(request, key=KEY, keep=keep)
            ]
            written = [event for event in events if isinstance(event, Written)]
            lost = [event for event in events if isinstance(event, NotWritten)]
            assert (len(written), len(lost)) == (3, 2)
            assert await left(runtime) == 17


@pytest.mark.parametrize(("word", "counted"), [(INTERRUPTED, 0), ("", 5)])
async def test_suggestions_that_the_servers_end_interrupts_are_given_back_too(
    word: str, counted: int
) -> None:
    request = SuggestionRequest("account", parents={"company": "c1"}, context=CONTEXT)
    with PacedModel(answer_from_prompt, lambda text: 0.05 if '"ideas"' in text else 60) as model:
        async with running(model) as (runtime, _):
            begun = asyncio.Event()

            async def carry_out() -> None:
                async with aclosing(runtime.suggest(request, key=KEY)) as events:
                    async for event in events:
                        if isinstance(event, Ideas):
                            begun.set()

            task = asyncio.create_task(carry_out())
            async with asyncio.timeout(30):
                await begun.wait()
            task.cancel(word)
            await asyncio.gather(task, return_exceptions=True)
            assert await left(runtime) == 20 - counted


async def until_writing(events: AsyncGenerator[GenerationEvent, None]) -> None:
    async for event in events:
        if isinstance(event, Partial) or (isinstance(event, StageEvent) and event.key == "write"):
            return


@pytest.mark.parametrize(("word", "counted"), [(INTERRUPTED, 0), ("cancelled", 1), ("", 1)])
async def test_what_the_servers_end_interrupts_is_given_back_and_what_a_person_stops_is_not(
    word: str, counted: int
) -> None:
    with PacedModel(answer_from_prompt, 60) as model:
        async with running(model) as (runtime, _):
            reached = asyncio.Event()

            async def carry_out() -> None:
                async with aclosing(runtime.generate(COMPANY, key=KEY)) as events:
                    async for event in events:
                        if isinstance(event, Partial):
                            reached.set()

            task = asyncio.create_task(carry_out())
            async with asyncio.timeout(30):
                await reached.wait()
            task.cancel(word)
            await asyncio.gather(task, return_exceptions=True)
            assert await left(runtime) == 20 - counted
            assert await runtime.at_once._leases.taken("generations:203.0.113.7") == 0


@pytest.mark.parametrize(
    ("key", "most"), [(KEY, 2), (user_key("ada", "free"), 3), (user_key("ada", "enterprise"), 3)]
)
async def test_only_so_many_at_once_and_what_is_too_many_is_not_counted(
    key: str, most: int
) -> None:
    values = {"generations_at_once_per_address": 2, "generations_at_once_per_user": 3}
    with PacedModel(answer_from_prompt, 60) as model:
        async with running(model, **values) as (runtime, _):
            before = await left(runtime, key)
            going = [runtime.generate(COMPANY, key=key) for _ in range(most)]
            for each in going:
                await until_writing(each)
            event = await last(runtime.generate(COMPANY, key=key))
            assert isinstance(event, Failed)
            assert (event.error.code, event.error.status) == ("too_many_at_once", 429)
            assert event.error.retry_after
            assert await left(runtime, key) == before - most
            other = runtime.generate(COMPANY, key="anonymous:198.51.100.1")
            await until_writing(other)
            await going[0].aclose()
            again = runtime.generate(COMPANY, key=key)
            await until_writing(again)
            for each in (*going, other, again):
                await each.aclose()


async def test_a_suggestion_is_one_of_them_however_many_documents_it_writes() -> None:
    request = SuggestionRequest("account", parents={"company": "c1"}, context=CONTEXT)
    with PacedModel(answer_from_prompt, 60) as model:
        async with running(model, generations_at_once_per_address=2) as (runtime, _):
            suggesting = runtime.suggest(request, key=KEY)
            await anext(suggesting)
            generating = runtime.generate(COMPANY, key=KEY)
            await until_writing(generating)
            event = await last(runtime.suggest(request, key=KEY))
            assert isinstance(event, Failed)
            assert event.error.code == "too_many_at_once"
            await suggesting.aclose()
            await generating.aclose()


def mend() -> MendRequest:
    return MendRequest("We are the best.", "It says nothing.", "company", context=CONTEXT)


async def test_mending_is_one_of_them_too_and_is_given_back_when_it_fails() -> None:
    with PacedModel('{"text": ""}', 0.01) as model:
        async with running(model, generations_at_once_per_address=1) as (runtime, _):
            with pytest.raises(UserError) as refusal:
                await runtime.mend(mend(), key=KEY)
            assert refusal.value.code == "models_unavailable"
            assert await left(runtime) == 20
            place = await runtime.at_once.enter(KEY)
            with pytest.raises(UserError) as refusal:
                await runtime.mend(mend(), key=KEY)
            assert refusal.value.code == "too_many_at_once"
            await runtime.at_once.leave(place)


class CountingModel(PacedModel):
    """Says of every answer that it took 600 tokens."""

    def __init__(self, seconds: float = 0.05) -> None:
        super().__init__(answer_from_prompt, seconds)

    def _stream(self, text: str, model: str, usage: dict[str, int], record: Any) -> Any:
        told = {"prompt_tokens": 500, "completion_tokens": 100, "total_tokens": 600}
        return super()._stream(text, model, told, record)


async def test_when_the_days_tokens_are_used_up_basic_analysis_writes_and_says_so(
    tmp_path: Any,
) -> None:
    with CountingModel() as model:
        async with running(model, llm_tokens_per_day=1_000, data_dir=tmp_path) as (runtime, _):
            for _ in range(2):
                event = await last(runtime.generate(COMPANY, key=KEY))
                assert event.made_by["writer"] == "model"
            assert (await runtime.budget.state()).used == 1_200
            event = await last(runtime.generate(COMPANY, key=KEY))
            assert isinstance(event, Completed)
            assert event.made_by["writer"] == "basic analysis"
            assert event.made_by["note"] == USED_UP_NOTE
            assert len(model.records) == 2, "no model is asked any more"

            request = SuggestionRequest("account", parents={"company": "c1"}, context=CONTEXT)
            written = [
                event
                async for event in runtime.suggest(request, key=KEY)
                if isinstance(event, Written)
            ]
            assert written
            assert {event.made_by["note"] for event in written} == {USED_UP_NOTE}
            with pytest.raises(UserError) as refusal:
                await runtime.mend(mend(), key=KEY)
            assert refusal.value.code == "budget_used_up"
            assert len(model.records) == 2


async def test_where_basic_analysis_cannot_write_the_refusal_says_that_the_tokens_are_used_up(
    tmp_path: Any,
) -> None:
    account = GenerationRequest(
        "account",
        {"name": "Ports"},
        context={"company": {**RESULT_EXAMPLES["company"], "company_url": ""}},
    )
    request = SuggestionRequest("account", parents={"company": "c1"}, context=account.context)
    with CountingModel() as model:
        async with running(model, llm_tokens_per_day=1, data_dir=tmp_path) as (runtime, _):
            runtime.budget.spend(1)
            for events in (
                runtime.generate(account, key=KEY),
                runtime.suggest(request, key=KEY),
            ):
                event = await last(events)
                assert isinstance(event, Failed)
                assert event.error.code == "budget_used_up"
                assert event.error.retry_after
            assert await left(runtime) == 20


async def test_an_answer_that_is_given_up_in_the_middle_has_used_tokens(tmp_path: Any) -> None:
    with CountingModel(60) as model:
        async with running(model, llm_tokens_per_day=10**6, data_dir=tmp_path) as (runtime, _):
            async with aclosing(runtime.generate(COMPANY, key=KEY)) as events:
                async for event in events:
                    if isinstance(event, Partial):
                        break
            assert (await runtime.budget.state()).used > 100


def told_to_mend(body: Mapping[str, Any]) -> str:
    """The first answer is invalid, so that the model is asked once more."""
    return json.dumps({"wrong": 1}) if len(body["messages"]) == 2 else answer_from_prompt(body)


async def test_every_attempt_counts_also_the_one_that_was_no_answer(tmp_path: Any) -> None:
    with CountingModel() as model:
        model.answer = told_to_mend
        async with running(model, llm_tokens_per_day=10**6, data_dir=tmp_path) as (runtime, _):
            assert isinstance(await last(runtime.generate(COMPANY, key=KEY)), Completed)
            assert len(model.records) == 2
            assert (await runtime.budget.state()).used == 1_200
