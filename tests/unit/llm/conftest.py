"""Shared by the tests of the router: fake providers, and LiteLLM loaded once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from blossomer.services.llm import litellm_transport
from tests.support.fake_models import FakeProviders, company_answer

PAGE = "https://acme.example/"
PAGE_TEXT = (
    "Acme routes every delivery by itself. Drivers see the next stop before they ask for it."
)


@pytest.fixture(scope="session")
def _server() -> Iterator[FakeProviders]:
    with FakeProviders() as server:
        yield server


@pytest.fixture
def providers(_server: FakeProviders, litellm_loaded: None) -> FakeProviders:
    """OpenAI, Anthropic and Gemini on loopback, with nothing asked of them yet."""
    _server.reset()
    return _server


@pytest.fixture(scope="session")
async def litellm_loaded() -> None:
    """Deadlines in these tests are short; the seconds LiteLLM takes to load are not their part."""
    await litellm_transport.load()


@pytest.fixture
def answer() -> str:
    """A valid answer for the company, short: llmock sends a chunk for every word."""
    whole = company_answer({PAGE: PAGE_TEXT})
    short = {
        key: value[:1] if isinstance(value, list) else value
        for key, value in whole.items()
        if key != "confidence"
    }
    return json.dumps(short)
