"""Mending a passage: what code holds a model to, what it costs, and what happens without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.errors import UserError
from blossomer.services.client_address import anonymous_key
from blossomer.services.mending import MOST_PASSAGE, MendRequest, answer_to
from blossomer.services.runtime import Runtime, build_runtime
from tests.support.fake_models import FakeProviders, model_settings

KEY = anonymous_key("203.0.113.7")
PASSAGE = "Hi {{first_name}}, we are the leading tool for routes at {{company_name}}."
FINDING = "“leading” cannot be checked."
MENDED = "Hi {{first_name}}, we plan routes at {{company_name}}."
REQUEST = MendRequest(
    PASSAGE,
    FINDING,
    "campaign",
    RESULT_EXAMPLES["campaign"],
    {"company": RESULT_EXAMPLES["company"], "persona": RESULT_EXAMPLES["persona"]},
)


@pytest.fixture(scope="module")
def providers() -> Iterator[FakeProviders]:
    with FakeProviders() as fake:
        yield fake


def runtime_with(providers: FakeProviders, *answers: str) -> Runtime:
    providers.reset()
    for answer in answers:
        providers.reply("openai", json.dumps({"text": answer}), times=1)
    return build_runtime(providers.settings("openai"))


async def left(runtime: Runtime) -> int:
    return (await runtime.limits.remaining(KEY)).left


async def test_the_passage_is_written_again_and_counted(providers: FakeProviders) -> None:
    runtime = runtime_with(providers, MENDED)
    mended = await runtime.mend(REQUEST, key=KEY)
    assert mended.text == MENDED
    assert mended.made_by["writer"] == "model"
    assert mended.made_by["prompt_version"]
    assert await left(runtime) == 4
    prompt = str(providers.requests("openai")[0].body)
    for part in (PASSAGE, "cannot be checked", "Acme plans delivery routes", "second depot"):
        assert part in prompt


async def test_a_model_that_breaks_a_rule_is_told_and_asked_once_more(
    providers: FakeProviders,
) -> None:
    runtime = runtime_with(providers, "Hi there, we plan routes.", MENDED)
    assert (await runtime.mend(REQUEST, key=KEY)).text == MENDED
    second = str(providers.requests("openai")[1].body)
    assert "the token {{first_name}} is missing" in second


async def test_what_fails_is_given_back(providers: FakeProviders) -> None:
    runtime = runtime_with(providers, PASSAGE, "{{sender}}", PASSAGE, PASSAGE)
    with pytest.raises(UserError) as failure:
        await runtime.mend(REQUEST, key=KEY)
    assert failure.value.code == "models_unavailable"
    assert await left(runtime) == 5


async def test_without_a_model_it_says_what_is_needed() -> None:
    runtime = build_runtime(model_settings())
    with pytest.raises(UserError) as refusal:
        await runtime.mend(REQUEST, key=KEY)
    assert refusal.value.code == "model_needed"
    assert "OPENAI_API_KEY" in refusal.value.action
    assert await left(runtime) == 5


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (MendRequest(" ", FINDING, "campaign"), "invalid_input"),
        (MendRequest(PASSAGE, "", "campaign"), "invalid_input"),
        (MendRequest("x" * (MOST_PASSAGE + 1), FINDING, "campaign"), "invalid_input"),
        (MendRequest(PASSAGE, FINDING, "invoice"), "not_found"),
    ],
)
async def test_what_cannot_be_mended_is_refused_uncounted(
    providers: FakeProviders, request_: MendRequest, code: str
) -> None:
    runtime = runtime_with(providers, MENDED)
    with pytest.raises(UserError) as refusal:
        await runtime.mend(request_, key=KEY)
    assert refusal.value.code == code
    assert await left(runtime) == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MENDED, ""),
        (f"{MENDED} It takes 20 minutes.", ""),
        ("We plan routes at {{company_name}}.", "{{first_name}} is missing"),
        ("Hi {{first_name}} of {{company_name}}, I am {{sender}}.", "no token {{sender}}"),
        (f"{MENDED} It saves 30 hours.", "30 stands in none"),
        (f" {PASSAGE} ", "nothing has been mended"),
        ("  ", "at least 1 character"),
    ],
)
def test_what_an_answer_may_be(text: str, problem: str) -> None:
    schema: Any = answer_to(PASSAGE, f"{PASSAGE}\nA trial takes 20 minutes.")
    if not problem:
        assert schema(text=text).text == text
        return
    with pytest.raises(ValidationError) as refusal:
        schema(text=text)
    assert problem in str(refusal.value)
