"""Which models are asked, in which order."""

from __future__ import annotations

from typing import Any

import pytest

from blossomer.services.llm.providers import OPENAI_ADDRESS, endpoints, models_without_key
from tests.support.fake_models import model_settings

KEYS = {"openai_api_key": "a", "anthropic_api_key": "b", "gemini_api_key": "c"}


@pytest.mark.parametrize(
    ("values", "models"),
    [
        ({}, []),
        (KEYS, ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"]),
        ({"gemini_api_key": "c"}, ["gemini/gemini-2.5-flash"]),
        (
            {"openai_base_url": "http://localhost:1234/v1", "openai_model": "org/small"},
            ["openai/org/small"],
        ),
        (
            {**KEYS, "llm_models": " gemini/x , ollama/llama3.1,gemini/x,groq/y,,gpt-4.1"},
            ["gemini/x", "ollama/llama3.1", "groq/y", "openai/gpt-4.1"],
        ),
        ({"llm_models": "anthropic/x,ollama/y"}, ["ollama/y"]),
    ],
)
def test_the_order(values: dict[str, Any], models: list[str]) -> None:
    assert [endpoint.model for endpoint in endpoints(model_settings(**values))] == models


def test_those_left_out_for_want_of_a_key_are_known() -> None:
    named = model_settings(llm_models="anthropic/x,ollama/y,gpt-9", gemini_api_key="c")
    assert models_without_key(named) == ["anthropic/x", "gpt-9"]
    assert models_without_key(model_settings(gemini_api_key="c")) == []


def test_where_they_are() -> None:
    (local,) = endpoints(model_settings(llm_models="ollama/llama3.1", ollama_base_url="http://o"))
    assert (local.provider, local.base_url, local.api_key) == ("ollama", "http://o", None)
    (openai,) = endpoints(model_settings(openai_api_key="sk-1"))
    assert openai.base_url == OPENAI_ADDRESS
    assert "sk-1" not in repr(openai)
