"""The whole API in this process, behind its outer layer, over real parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from blossomer.api.app import create_api
from blossomer.api.middleware import wrap
from blossomer.services.runtime import Runtime, build_runtime, set_runtime
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings
from tests.support.fake_models import model_settings
from tests.support.fixture_site import FixtureSite
from tests.support.played_network import PlayedResolver

ADDRESS = "203.0.113.7"

OpenApi = Callable[..., AbstractAsyncContextManager["Api"]]


class Api:
    """A running API and a client of it."""

    def __init__(self, settings: Settings, runtime: Runtime, pages: Path) -> None:
        self.settings = settings
        self.runtime = runtime
        self.app = wrap(create_api(settings), settings=settings, pages=pages)

    def client(self, address: str = ADDRESS, **headers: str) -> httpx.AsyncClient:
        """A client at an address; its requests go through the whole application."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 1234)),
            base_url="http://localhost:3000",
            headers=headers,
        )


@pytest.fixture
def open_api(tmp_path: Path) -> Iterator[OpenApi]:
    """Open an API with the given settings; no model unless they name one.

    ``names`` plays name resolution: host to addresses; other hosts do not exist.
    """

    @asynccontextmanager
    async def opened(
        settings: Settings | None = None,
        *,
        names: dict[str, Sequence[str]] | None = None,
        **overrides: Any,
    ) -> AsyncIterator[Api]:
        settings = settings or model_settings(**{"website_cache_hours": 0, **overrides})
        resolver = PlayedResolver(names) if names is not None else None
        runtime = build_runtime(settings, reader=WebsiteReader(settings, resolver=resolver))
        set_runtime(runtime)
        yield Api(settings, runtime, tmp_path)

    yield opened
    set_runtime(None)


@pytest.fixture
async def api(open_api: OpenApi) -> AsyncIterator[Api]:
    """An API without a model."""
    async with open_api() as running:
        yield running


@pytest.fixture(scope="session")
def fixture_site() -> Iterator[FixtureSite]:
    with FixtureSite() as site:
        yield site
