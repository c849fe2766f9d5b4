"""How much longer five suggested accounts take than one account that is written alone.

The model writes at a rate that is usual for services, ideas and accounts alike, over HTTP; website,
prompts, validation and evidence are the product's.
"""

from __future__ import annotations

import asyncio
import time

from benchmarks.figures import Figure
from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from blossomer.services.events import (
    Completed,
    GenerationRequest,
    Ideas,
    SuggestionRequest,
    Written,
)
from blossomer.services.runtime import Runtime, build_runtime
from tests.support.fake_models import PacedModel, answer_from_prompt
from tests.support.fixture_site import FixtureSite

TOKENS_PER_SECOND = 80
"""Output of the smaller models of the large providers, by their own and by public measurements."""

FIRST_TOKEN_SECONDS = 0.5
CHARACTERS_PER_TOKEN = 4
SINGLE_RUNS = 3
MOST_RATIO = 1.2
KEY = "anonymous:benchmark"


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(_measure())


def _seconds(text: str) -> float:
    return FIRST_TOKEN_SECONDS + len(text) / CHARACTERS_PER_TOKEN / TOKENS_PER_SECOND


async def _measure() -> list[Figure]:
    with FixtureSite() as site, PacedModel(answer_from_prompt, _seconds) as model:
        settings = model.settings(
            fetch_allow_hosts=site.host_port,
            anonymous_generations_per_hour=1_000,
            website_cache_hours=0,
        )
        runtime = build_runtime(settings)
        await runtime.start()
        company = {**RESULT_EXAMPLES["company"], "company_url": site.base_url}
        request = SuggestionRequest("account", context={"company": company})
        singles = [await _single(runtime, request) for _ in range(SINGLE_RUNS)]
        ideas, first, total, written = await _suggest(runtime, request)
    ratio = total / max(singles)
    suggestions = ENTITIES["account"].suggestions
    most = suggestions.most if suggestions else 0
    return [
        Figure(f"suggestions: one account alone, slowest of {SINGLE_RUNS}", max(singles), "s"),
        Figure("suggestions: until the ideas are known", ideas, "s"),
        Figure("suggestions: until the first account is there", first, "s"),
        Figure(f"suggestions: {most} accounts", total, "s"),
        Figure("suggestions: written by the model", written, f"of {most}", "all", written == most),
        Figure(
            f"suggestions: {most} accounts over the slowest single one",
            ratio,
            "times",
            f"at most {MOST_RATIO}",
            ratio <= MOST_RATIO,
        ),
    ]


async def _single(runtime: Runtime, request: SuggestionRequest) -> float:
    began = time.perf_counter()
    wanted = GenerationRequest(request.entity, context=request.context)
    async for event in runtime.generate(wanted, key=KEY):
        if isinstance(event, Completed):
            assert event.made_by["writer"] == "model"
            return time.perf_counter() - began
    raise RuntimeError("The account was not written.")


async def _suggest(runtime: Runtime, request: SuggestionRequest) -> tuple[float, float, float, int]:
    """Seconds to the ideas, the first and the last account, and how many the model wrote."""
    began = time.perf_counter()
    ideas = first = 0.0
    written = 0
    async for event in runtime.suggest(request, key=KEY):
        if isinstance(event, Ideas):
            ideas = time.perf_counter() - began
        elif isinstance(event, Written):
            first = first or time.perf_counter() - began
            written += event.made_by["writer"] == "model"
    return ideas, first, time.perf_counter() - began, written
