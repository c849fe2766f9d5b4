"""What a user can rely on when models fail: a valid answer from the next one, or a clear error."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import aclosing
from itertools import islice, pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from blossomer.entities.company import Company
from blossomer.services.llm.failures import ModelError
from blossomer.services.llm.model import AttemptStarted, ModelRequest, ModelResult, TextSoFar
from blossomer.services.llm.router import ModelRouter
from blossomer.settings import Settings
from tests.support.fake_models import KEY, MODELS, FakeProviders, model_settings
from tests.support.line import Line

REQUEST = ModelRequest(system="Be exact.", user="Describe Acme.", schema=Company, purpose="company")
OTHER = {"openai": "anthropic", "anthropic": "gemini", "gemini": "openai"}
TOTAL = 5.0
SHORT: dict[str, Any] = {
    "llm_total_deadline_seconds": TOTAL,
    "llm_attempt_deadline_seconds": 4.0,
    "llm_first_token_seconds": 0.8,
    "llm_silence_seconds": 0.8,
}
PATIENT = {**SHORT, "llm_total_deadline_seconds": 30.0, "llm_first_token_seconds": 10.0}
NOWHERE = "http://127.0.0.1:9"


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


Trouble = Callable[[FakeProviders, str, str], None]

TROUBLES: dict[str, tuple[Trouble, str]] = {
    "wrong key": (lambda fake, name, _: fake.fail(name, 401), "invalid_key"),
    "forbidden": (lambda fake, name, _: fake.fail(name, 403), "invalid_key"),
    "unknown model": (lambda fake, name, _: fake.fail(name, 404), "unknown_model"),
    "bad request": (lambda fake, name, _: fake.fail(name, 400), "refused"),
    "rate limit": (lambda fake, name, _: fake.fail(name, 429, retry_after=30), "rate_limited"),
    "server error": (lambda fake, name, _: fake.fail(name, 500), "server_error"),
    "overloaded": (lambda fake, name, _: fake.fail(name, 529), "server_error"),
    "slow first byte": (lambda fake, name, _: fake.delay(name, 20), "timeout"),
    "slow first token": (lambda fake, name, _: fake.slow_first_token(name, 20), "timeout"),
    "stall": (lambda fake, name, _: fake.fault(name, "stall"), "timeout"),
    "cut": (lambda fake, name, _: fake.fault(name, "truncate"), "cut_stream"),
    "disconnect": (lambda fake, name, _: fake.fault(name, "disconnect"), "cut_stream"),
    "malformed chunk": (lambda fake, name, _: fake.fault(name, "malformed"), "cut_stream"),
    "out of room": (
        lambda fake, name, text: fake.reply(name, text[:200], finish_reason="length"),
        "invalid_answer",
    ),
    "wrong schema": (lambda fake, name, _: fake.reply(name, '{"a": 1}'), "invalid_answer"),
    "prose only": (lambda fake, name, _: fake.reply(name, "I cannot say."), "invalid_answer"),
    "empty answer": (lambda fake, name, _: fake.reply(name, ""), "invalid_answer"),
}


async def ask(settings: Settings | ModelRouter) -> tuple[ModelResult[Company], list[Any]]:
    router = settings if isinstance(settings, ModelRouter) else ModelRouter(settings)
    events = [event async for event in router.stream(REQUEST)]
    assert isinstance(events[-1], ModelResult)
    return events[-1], events[:-1]


@pytest.mark.parametrize("provider", MODELS)
async def test_a_model_answers(providers: FakeProviders, provider: str, answer: str) -> None:
    providers.reply(provider, answer)

    result, events = await ask(providers.settings(provider))

    assert result.value == Company.model_validate_json(answer)
    assert (result.provider, result.model) == (provider, MODELS[provider])
    assert result.attempts == 1
    assert result.input_tokens > 0
    assert result.output_tokens > 0
    assert result.cost_usd is not None
    assert result.cost_usd > 0
    assert events[0] == AttemptStarted(provider, MODELS[provider])
    texts = [event.text for event in events[1:]]
    assert texts[-1] == answer
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_the_next_model_takes_over(
    providers: FakeProviders, provider: str, trouble: str, answer: str
) -> None:
    make_trouble, cause = TROUBLES[trouble]
    make_trouble(providers, provider, answer)
    providers.reply(provider, answer)
    other = OTHER[provider]
    providers.reply(other, answer)
    router = ModelRouter(providers.settings(provider, other, **SHORT))

    result, events = await ask(router)

    assert result.provider == other
    assert result.value.company_name == "Acme"
    assert router.health()[0]["last_error"] == cause
    # What the first one wrote no longer counts: the last attempt's text is whole and alone.
    assert [e for e in events if isinstance(e, TextSoFar)][-1].text == answer


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_without_another_model_the_error_is_clear_and_in_time(
    providers: FakeProviders, provider: str, trouble: str, answer: str
) -> None:
    make_trouble, cause = TROUBLES[trouble]
    make_trouble(providers, provider, answer)
    providers.reply(provider, answer)
    router = ModelRouter(providers.settings(provider, **SHORT))
    started = time.monotonic()

    with pytest.raises(ModelError) as caught:
        await ask(router)

    assert time.monotonic() - started < TOTAL + 1
    assert caught.value.code == "models_unavailable"
    assert caught.value.status == 503
    assert caught.value.action
    assert (MODELS[provider], cause) in caught.value.reasons
    assert KEY not in f"{caught.value.message} {caught.value.action} {caught.value.reasons}"


@pytest.mark.parametrize("provider", MODELS)
async def test_a_refused_connection_leads_to_the_next_model(
    providers: FakeProviders, provider: str, answer: str
) -> None:
    other = OTHER[provider]
    providers.reply(other, answer)
    router = ModelRouter(
        providers.settings(provider, other, **{f"{provider}_base_url": NOWHERE}, **SHORT)
    )

    result, _ = await ask(router)

    assert result.provider == other
    assert router.health()[0]["last_error"] == "unreachable"


@pytest.mark.parametrize("provider", MODELS)
async def test_prose_around_the_answer_is_cut_off_without_asking_again(
    providers: FakeProviders, provider: str, answer: str
) -> None:
    providers.reply(
        provider, f"Here is {{what}} you asked:\n```json\n{answer}\n```\nAnything else?"
    )

    result, _ = await ask(providers.settings(provider))

    assert result.value == Company.model_validate_json(answer)
    assert result.attempts == 1


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("bad", ['{"company_name": "Acme"}', '{"company_name": oops}', ""])
async def test_an_invalid_answer_is_mended_once(
    providers: FakeProviders, provider: str, bad: str, answer: str
) -> None:
    providers.reply(provider, bad, times=1)
    providers.reply(provider, answer)

    result, events = await ask(providers.settings(provider))

    assert result.attempts == 2
    started = [event for event in events if isinstance(event, AttemptStarted)]
    assert [event.repair for event in started] == [False, True]
    first, second = (json.dumps(record.body) for record in providers.requests(provider))
    assert "cannot be used" in second
    assert "cannot be used" not in first
    if bad.startswith('{"company_name": "Acme"'):
        assert "capabilities: Field required" in second


async def test_when_all_are_down_nothing_is_made_up(providers: FakeProviders) -> None:
    for provider in MODELS:
        providers.fail(provider, 500)

    with pytest.raises(ModelError) as caught:
        await ask(providers.settings(*MODELS, **SHORT))

    assert {model for model, _ in caught.value.reasons} == set(MODELS.values())
    assert {cause for _, cause in caught.value.reasons} == {"server_error"}


async def test_when_all_are_slow_the_total_deadline_ends_it(providers: FakeProviders) -> None:
    for provider in MODELS:
        providers.delay(provider, 20)
    slow = {**SHORT, "llm_total_deadline_seconds": 1.0, "llm_first_token_seconds": 5.0}
    started = time.monotonic()

    with pytest.raises(ModelError) as caught:
        await ask(providers.settings(*MODELS, **slow))

    assert time.monotonic() - started < 2
    assert caught.value.code == "model_deadline"
    assert caught.value.status == 504
    # The first did not use up the time of those behind it.
    assert len(caught.value.reasons) == 3


async def test_a_short_rate_limit_is_waited_for_when_there_is_no_other_model(
    providers: FakeProviders, answer: str
) -> None:
    providers.fail("openai", 429, retry_after=0.3, times=1)
    providers.reply("openai", answer)

    result, _ = await ask(providers.settings("openai", **SHORT))

    assert result.attempts == 2
    first, second = providers.requests("openai")
    assert second.started_at - first.ended_at >= 0.3


async def test_many_waiting_for_the_same_rate_limit_are_all_served(
    providers: FakeProviders, answer: str
) -> None:
    providers.fail("openai", 429, retry_after=0.3, times=5)
    providers.reply("openai", answer)
    router = ModelRouter(providers.settings("openai", **PATIENT))

    results = await asyncio.gather(*(ask(router) for _ in range(5)))

    assert {result.value.company_name for result, _ in results} == {"Acme"}


async def test_a_model_that_asks_for_rest_is_left_alone(
    providers: FakeProviders, answer: str
) -> None:
    providers.fail("openai", 429, retry_after=60, times=1)
    for provider in ("openai", "gemini"):
        providers.reply(provider, answer)
    router = ModelRouter(providers.settings("openai", "gemini", **SHORT))

    for _ in range(3):
        result, _ = await ask(router)
        assert result.provider == "gemini"

    assert len(providers.requests("openai")) == 1
    assert router.health()[0]["state"] == "open"
    assert 0 < int(str(router.health()[0]["retry_in_seconds"])) <= 60


async def test_a_model_with_a_wrong_key_is_not_asked_again(
    providers: FakeProviders, answer: str
) -> None:
    providers.fail("openai", 401)
    providers.reply("gemini", answer)
    router = ModelRouter(providers.settings("openai", "gemini", breaker_recovery_seconds=60))

    await ask(router)
    await ask(router)

    assert len(providers.requests("openai")) == 1
    health = router.health()[0]
    assert (health["state"], health["last_error"]) == ("open", "invalid_key")
    assert int(str(health["retry_in_seconds"])) > 60


async def test_after_its_rest_exactly_one_request_probes_a_model(
    providers: FakeProviders, answer: str
) -> None:
    clock = Clock()
    providers.fail("openai", 500, times=1)
    for provider in ("openai", "gemini"):
        providers.reply(provider, answer)
    address = urlsplit(providers.base_url("openai"))
    with Line(address.port or 0) as line:
        settings = providers.settings(
            "openai",
            "gemini",
            openai_base_url=f"http://{line.host_port}{address.path}",
            breaker_failures=1,
            **{**PATIENT, "llm_attempt_deadline_seconds": 30.0},
        )
        router = ModelRouter(settings, clock=clock)
        await ask(router)
        assert router.health()[0]["state"] == "open"
        clock.now += 61
        assert router.health()[0]["state"] == "half-open"

        # The answer to the probe is held back until all the others have been answered.
        line.hold()
        asked = [asyncio.ensure_future(ask(router)) for _ in range(8)]
        for answered in islice(asyncio.as_completed(asked), 7):
            await answered
        line.restore()
        results = await asyncio.gather(*asked)

    assert sorted(result.provider for result, _ in results) == ["gemini"] * 7 + ["openai"]
    assert len(providers.requests("openai")) == 2
    assert router.health()[0]["state"] == "closed"


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("way", ["close", "cancel"])
async def test_giving_up_ends_the_request_at_the_provider(
    providers: FakeProviders, provider: str, way: str, answer: str
) -> None:
    providers.reply(provider, answer)
    providers.fault(provider, "stall", after_chunks=6, stall_seconds=60)
    router = ModelRouter(providers.settings(provider))
    writing = asyncio.Event()

    async def read() -> None:
        async with aclosing(router.stream(REQUEST)) as events:
            async for event in events:
                if isinstance(event, TextSoFar):
                    writing.set()
                    if way == "close":
                        return

    task = asyncio.create_task(read())
    await writing.wait()
    if way == "cancel":
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    # Waits for the server to notice, which it does only when the connection is gone.
    (record,) = await asyncio.to_thread(providers.requests, provider)
    assert not record.completed
    assert router.health()[0]["failures"] == 0


async def test_a_probe_that_is_given_up_frees_its_place(
    providers: FakeProviders, answer: str
) -> None:
    clock = Clock()
    providers.fail("openai", 401, times=1)
    providers.reply("openai", answer)
    router = ModelRouter(providers.settings("openai", **PATIENT), clock=clock)
    with pytest.raises(ModelError):
        await ask(router)
    clock.now += 601

    async with aclosing(router.stream(REQUEST)) as events:
        assert isinstance(await anext(events), AttemptStarted)
    assert router.health()[0]["state"] == "half-open"

    await ask(router)
    assert router.health()[0]["state"] == "closed"


async def test_logs_hold_no_key_prompt_or_answer(providers: FakeProviders, answer: str) -> None:
    providers.fail("openai", 401)
    providers.fault("anthropic", "truncate")
    providers.reply("anthropic", answer)
    providers.reply("gemini", '{"company_name": "Secret name"}', times=1)
    providers.reply("gemini", answer)

    with capture_logs() as logs:
        await ask(providers.settings(*MODELS, **PATIENT))

    text = repr(logs)
    assert "model_needs_a_person" in text
    assert "model_answered" in text
    for private in (KEY, REQUEST.user, REQUEST.system, "Secret name", "Acme"):
        assert private not in text


async def test_a_local_server_without_a_key_and_an_unpriced_model(
    providers: FakeProviders, answer: str
) -> None:
    providers.reply("openai", answer)
    settings = model_settings(
        openai_base_url=providers.base_url("openai"), openai_model="meta-llama/Llama-3.1-8B"
    )

    result, _ = await ask(settings)

    assert result.model == "openai/meta-llama/Llama-3.1-8B"
    assert result.cost_usd is None
    (record,) = providers.requests("openai")
    assert record.model == "meta-llama/Llama-3.1-8B"
    assert "response_format" not in record.body


@pytest.mark.parametrize("provider", MODELS)
async def test_a_model_that_can_is_given_the_schema_with_the_evidence_last(
    providers: FakeProviders, provider: str, answer: str
) -> None:
    providers.reply(provider, answer)

    await ask(providers.settings(provider))

    (record,) = providers.requests(provider)
    schema = {
        "openai": lambda body: body["response_format"]["json_schema"]["schema"],
        "anthropic": lambda body: body["output_format"]["schema"],
        "gemini": lambda body: body["generationConfig"]["response_json_schema"],
    }[provider](record.body)
    names = list(schema["properties"])
    assert names[:3] == ["company_name", "company_url", "description"]
    assert names[-1] == "evidence"
    assert set(schema["properties"]["confidence"]["properties"]) >= {"capabilities", "objections"}


async def test_without_any_model_the_error_says_how_to_add_one() -> None:
    router = ModelRouter(model_settings())

    assert router.models == ()
    with pytest.raises(ModelError, match="No language model") as caught:
        await ask(router)
    assert "OPENAI_API_KEY" in caught.value.action
