"""The model that benchmarks and browser tests ask: it keeps time and takes notes."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from blossomer.entities import COMPANY
from blossomer.entities.company import Company
from blossomer.services.llm.model import ModelRequest, ModelResult, TextSoFar
from blossomer.services.llm.router import ModelRouter
from blossomer.services.prompts import render_prompt
from tests.support.fake_models import PacedModel, answer_from_prompt, company_answer, field_ends

ANSWER = json.dumps(company_answer({"https://acme.example/": "Acme routes every delivery."}))
REQUEST = ModelRequest(system="s", user="u", schema=Company, purpose="company")


async def records(model: PacedModel) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        reply = await client.get(model.base_url.replace("/v1", "/records"))
        return list(reply.json())


@pytest.mark.usefixtures("litellm_loaded")
async def test_it_streams_an_answer_and_notes_when_each_field_ended() -> None:
    with PacedModel(ANSWER, 0.4) as model:
        router = ModelRouter(model.settings())
        events = [event async for event in router.stream(REQUEST)]
        seen = await records(model)

    result = events[-1]
    assert isinstance(result, ModelResult)
    assert result.value == Company.model_validate_json(ANSWER)
    assert result.input_tokens > 0
    assert sum(isinstance(event, TextSoFar) for event in events) > 1
    (record,) = model.records
    assert record.finished
    assert list(record.field_ended_at) == list(json.loads(ANSWER))
    times = list(record.field_ended_at.values())
    assert times == sorted(times)
    assert seen[0]["field_ended_at"] == record.field_ended_at


@pytest.mark.usefixtures("litellm_loaded")
async def test_a_busy_process_does_not_take_its_own_delay_for_silence() -> None:
    with PacedModel(ANSWER, 2.0) as model:
        router = ModelRouter(model.settings(llm_silence_seconds=0.5))
        loop = asyncio.get_running_loop()
        held_up = False
        async for event in router.stream(REQUEST):
            if isinstance(event, TextSoFar) and not held_up:
                held_up = True
                loop.call_soon(time.sleep, 0.9)  # longer than the patience for silence

    assert isinstance(event, ModelResult)
    assert event.attempts == 1


@pytest.mark.usefixtures("litellm_loaded")
async def test_it_notices_that_nobody_reads_any_more() -> None:
    with PacedModel(ANSWER, 30, pieces_per_second=20) as model:
        router = ModelRouter(model.settings())
        async with aclosing(router.stream(REQUEST)) as events:
            async for event in events:
                if isinstance(event, TextSoFar):
                    break
        while (await records(model))[0]["ended_at"] is None:
            pass
    assert not model.records[0].finished


def test_it_answers_whole_when_not_asked_to_stream() -> None:
    with PacedModel(ANSWER, 0) as model:
        body = {"model": "m", "messages": [{"role": "user", "content": "u"}]}
        reply = httpx.post(f"{model.base_url}/chat/completions", json=body).json()
    assert reply["choices"][0]["message"]["content"] == ANSWER
    assert reply["usage"]["completion_tokens"] > 0


def test_an_answer_made_from_a_prompt_quotes_its_pages() -> None:
    page = "Acme routes every delivery by itself. Drivers see the next stop before they ask."
    prompt = render_prompt(
        COMPANY,
        site_text=f"Page: https://acme.example/about\n{page}",
        inputs={"website_url": "https://acme.example"},
    )
    answer = json.loads(answer_from_prompt({"messages": [{"content": prompt.user}]}))
    Company.model_validate(answer)
    assert answer["company_url"] == "https://acme.example"
    assert answer["evidence"]
    for entry in answer["evidence"]:
        assert entry["quote"] in page
        assert entry["page_url"] == "https://acme.example/about"


def test_field_ends() -> None:
    assert field_ends('{"a": "x,}", "b": [1, {"c": 2}]}') == {"a": 11, "b": 31}
