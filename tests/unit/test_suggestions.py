"""Several documents for one parent: ideas, all written at once, each delivered and counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from blossomer.errors import UserError
from blossomer.services import without_model
from blossomer.services.client_address import anonymous_key
from blossomer.services.events import (
    Failed,
    Ideas,
    NotWritten,
    StageEvent,
    SuggestionEvent,
    SuggestionRequest,
    Written,
)
from blossomer.services.generation import Generator
from blossomer.services.runtime import Runtime, build_runtime
from blossomer.services.suggestions import Suggester
from blossomer.services.website.reader import WebsiteReader
from tests.support.fake_answers import IDEAS
from tests.support.fake_models import PacedModel, answer_from_prompt, model_settings
from tests.unit.test_generation import PlayedReader, website

CONTEXT = {"company": RESULT_EXAMPLES["company"]}
REQUEST = SuggestionRequest("account", parents={"company": "c1"}, context=CONTEXT)
KEY = anonymous_key("203.0.113.7")


class Model(PacedModel):
    """Answers at once, but for what ``answers`` says of a prompt that holds a name."""

    def __init__(self, seconds: float = 0.05) -> None:
        super().__init__(self._answer_to, seconds)
        self.answers: dict[str, str] = {}

    def _answer_to(self, body: Mapping[str, Any]) -> str:
        prompt = str(body["messages"][1]["content"])
        said = prompt.partition("[[BEGIN person")[2].partition("[[END person")[0]
        for name, answer in self.answers.items():
            if name in said or (name == "ideas" and prompt.startswith("Propose")):
                return answer
        return answer_from_prompt(body)


@asynccontextmanager
async def running(
    model: PacedModel | None = None, reader: Any = None, **settings: Any
) -> AsyncIterator[tuple[Runtime, PlayedReader]]:
    """A runtime whose website is played and whose model, if any, is asked over HTTP."""
    values = {"anonymous_generations_per_hour": 20, **settings}
    made = model.settings(**values) if model else model_settings(**values)
    played = reader or PlayedReader(website(url="https://acme.example/"), progress=("Read 1 page",))
    runtime = build_runtime(made, reader=WebsiteReader(made))
    runtime.generator = Generator(made, played, runtime.router)
    runtime.suggester = Suggester(made, runtime.generator, runtime.router)
    yield runtime, played


async def collect(runtime: Runtime, request: SuggestionRequest = REQUEST) -> list[SuggestionEvent]:
    return [event async for event in runtime.suggest(request, key=KEY)]


async def left(runtime: Runtime) -> int:
    return (await runtime.limits.remaining(KEY)).left


def of(kind: type[Any], events: list[SuggestionEvent]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


async def test_ideas_are_written_in_parallel_from_a_website_that_was_read_once() -> None:
    with Model() as model:
        async with running(model) as (runtime, reader):
            events = await collect(runtime)
            counted = 20 - await left(runtime)
    assert reader.asked == ["https://acme.example/"]
    stages = [event.key for event in of(StageEvent, events)]
    assert list(dict.fromkeys(stages)) == ["read", "assess", "write"]
    ideas = of(Ideas, events)
    assert [list(each.names) for each in ideas] == [list(IDEAS)]
    written: list[Written] = of(Written, events)
    assert sorted(each.index for each in written) == [0, 1, 2, 3, 4]
    assert not of(NotWritten, events) + of(Failed, events)
    for each in written:
        name = IDEAS[each.index]
        assert each.data["name"] == each.inputs["name"] == name
        assert each.inputs["hypothesis"]
        assert each.made_by["model"] == "openai/paced"
        assert "company" in each.data["basis"]
        ENTITIES["account"].data_model.model_validate(each.data)
    assert counted == 5
    assert len(model.records) == 6


async def test_each_is_delivered_when_it_is_done() -> None:
    """The second idea's model is asked once more to mend its answer, so it is the last."""
    with Model(seconds=0.4) as model:
        model.answers[IDEAS[1]] = "{}"
        async with running(model) as (runtime, _):
            events = await collect(runtime)
    ended = [event for event in events if isinstance(event, Written | NotWritten)]
    assert len(ended) == 5
    assert ended[-1].index == 1


async def test_one_that_fails_is_given_back_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unavailable(*_: Any, **__: Any) -> dict[str, Any]:
        raise UserError("basic_analysis_unavailable", "No.", "No.")

    monkeypatch.setattr(without_model, "basic_analysis", unavailable)
    with Model() as model:
        model.answers[IDEAS[2]] = "no answer"
        async with running(model) as (runtime, _):
            events = await collect(runtime)
            assert await left(runtime) == 16
    assert [event.index for event in of(NotWritten, events)] == [2]
    assert of(NotWritten, events)[0].error.code == "basic_analysis_unavailable"
    assert len(of(Written, events)) == 4


async def test_fewer_may_be_wanted_and_present_ones_are_not_suggested_again() -> None:
    request = replace(REQUEST, most=2, siblings=("dispatch teams, at regional FOOD wholesalers",))
    with Model() as model:
        async with running(model) as (runtime, _):
            events = await collect(runtime, request)
            assert await left(runtime) == 18
    assert [list(each.names) for each in of(Ideas, events)] == [list(IDEAS[1:3])]
    prompt = model.records[0].prompt
    assert "Propose 2 target accounts" in prompt
    assert "regional FOOD wholesalers" in prompt


async def test_personas_are_told_of_their_account() -> None:
    context = deepcopy({**CONTEXT, "account": RESULT_EXAMPLES["account"]})
    with Model() as model:
        async with running(model) as (runtime, _):
            events = await collect(runtime, SuggestionRequest("persona", context=context))
    assert len(of(Written, events)) == 4
    assert all("[[BEGIN account" in record.prompt for record in model.records)


@pytest.mark.parametrize(("allowed", "written"), [(4, 4), (3, 3), (2, 0), (0, 0)])
async def test_as_many_as_are_left_and_none_when_too_few_are(allowed: int, written: int) -> None:
    with Model() as model:
        async with running(model, anonymous_generations_per_hour=5) as (runtime, reader):
            for _ in range(5 - allowed):
                await runtime.limits.take(KEY)
            events = await collect(runtime)
            assert await left(runtime) == allowed - written
    assert len(of(Written, events)) == written
    if not written:
        (failed,) = events
        assert isinstance(failed, Failed)
        assert (failed.error.code, failed.error.status) == ("rate_limited", 429)
        assert failed.error.retry_after
        assert reader.asked == []
        if allowed:
            assert "2 are left" in failed.error.message


async def test_a_website_that_cannot_be_read_costs_nothing() -> None:
    reader = PlayedReader(UserError("host_not_found", "There is no website there.", "Check it."))
    with Model() as model:
        async with running(model, reader) as (runtime, _):
            events = await collect(runtime)
            assert await left(runtime) == 20
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == "host_not_found"


async def test_without_a_model_and_without_rules_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(without_model, "basic_ideas", lambda *_: [])
    async with running() as (runtime, _):
        events = await collect(runtime)
        assert await left(runtime) == 20
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == "no_suggestions"


async def test_without_a_model_ideas_come_from_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def basic_ideas(config: Any, site: Any, context: Any, most: int) -> list[dict[str, str]]:
        asked.append((config.entity, list(context), most))
        return [{"name": "Bakeries", "hypothesis": "They bake."}, {"name": "Dairies"}]

    monkeypatch.setattr(without_model, "basic_ideas", basic_ideas)
    async with running() as (runtime, _):
        events = await collect(runtime)
    assert asked == [("account", ["company"], 5)]
    assert of(Ideas, events)[0].names == ("Bakeries", "Dairies")
    assert len(of(Written, events) + of(NotWritten, events)) == 2


@pytest.mark.parametrize("entity", ["company", "campaign", "invoice"])
async def test_nothing_is_suggested_where_the_configuration_says_nothing(entity: str) -> None:
    async with running() as (runtime, _):
        events = await collect(runtime, SuggestionRequest(entity))
        assert await left(runtime) == 20
    assert [type(event) for event in events] == [Failed]
    assert events[0].error.code == "not_found"  # type: ignore[union-attr]


async def test_nothing_is_suggested_for_an_unknown_parent() -> None:
    with Model() as model:
        async with running(model) as (runtime, _):
            events = await collect(runtime, SuggestionRequest("account"))
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == "too_little_text"
    assert model.records == []


async def test_closing_it_stops_every_model_and_counts_what_has_begun() -> None:
    with Model() as model:
        model.answers = dict.fromkeys(IDEAS, json.dumps({"name": "x" * 5_000}))
        async with running(model) as (runtime, _):
            events = runtime.suggest(REQUEST, key=KEY)
            async for event in events:
                if isinstance(event, Ideas):
                    model.seconds = 60
                    break
            async with asyncio.timeout(10):
                step = asyncio.ensure_future(anext(events))
                while len(model.records) < 6:  # noqa: ASYNC110  another thread counts them
                    await asyncio.sleep(0.01)
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)
                await events.aclose()
                while any(record.ended_at is None for record in model.records):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert await left(runtime) == 15
    assert not any(record.finished for record in model.records[1:])


async def test_closing_it_before_there_are_ideas_counts_one() -> None:
    with Model() as model:
        async with running(model) as (runtime, _):
            events = runtime.suggest(REQUEST, key=KEY)
            await anext(events)
            await events.aclose()
            assert await left(runtime) == 19
