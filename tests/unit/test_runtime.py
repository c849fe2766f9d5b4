"""A server says that it is ready only when its first generation takes no longer than the others."""

import pytest

from blossomer.services.runtime import build_runtime
from tests.support.fake_models import model_settings


async def test_the_model_library_is_loaded_before_the_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = build_runtime(model_settings(openai_api_key="sk-1"))
    loaded = []

    async def load() -> None:
        loaded.append(True)

    monkeypatch.setattr(runtime.router, "warm_up", load)
    await runtime.start()
    assert loaded == [True]


async def test_a_library_that_cannot_be_loaded_does_not_stop_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = build_runtime(model_settings(openai_api_key="sk-1"))

    async def fail() -> None:
        raise ImportError

    monkeypatch.setattr(runtime.router, "warm_up", fail)
    await runtime.start()
