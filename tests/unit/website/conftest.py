"""What the tests of website reading share: a site on loopback, settings, a played network."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blossomer.services.website import fetch as fetch_module
from blossomer.services.website.fetch import Fetcher
from blossomer.services.website.guard import AddressGuard
from blossomer.settings import Settings
from tests.support.fault_site import FaultSite
from tests.support.played_network import PlayedNetwork, PlayedResolver


@pytest.fixture
def site() -> Iterator[FaultSite]:
    with FaultSite() as running:
        yield running


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings for reading the given sites, whatever this machine's environment says."""

    def make(*sites: FaultSite, **overrides: Any) -> Settings:
        values: dict[str, Any] = {
            "environment": "development",
            "fetch_allow_hosts": ",".join(site.host_port for site in sites),
            "firecrawl_api_key": None,
            "firecrawl_api_url": "",
            "public_url": "",
            "website_max_pages": 6,
            "website_time_budget_seconds": 20,
            "website_max_bytes": 1_000_000,
            "website_cache_hours": 0,
            "website_cache_dir": tmp_path / "dev_cache",
        }
        return Settings(_env_file=None, **{**values, **overrides})  # type: ignore[call-arg]

    return make


@pytest.fixture
def play_network(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, int]], PlayedNetwork]:
    """Put a played network under the guard, which stays the real one."""

    def play(routes: dict[str, int]) -> PlayedNetwork:
        network = PlayedNetwork(routes)
        monkeypatch.setattr(fetch_module, "direct_transport", lambda _context: network)
        return network

    return play


@pytest.fixture(scope="session")
def no_trust() -> ssl.SSLContext:
    """Trusts no certificate: for tests that never get that far. Loading the real ones is slow."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
async def fetcher(site: FaultSite, no_trust: ssl.SSLContext) -> AsyncIterator[Fetcher]:
    """A fetcher with small limits that may reach the site."""
    allowed = frozenset({site.host_port})
    guard = AddressGuard(PlayedResolver({}), allowed)
    async with Fetcher(guard, max_bytes=1_000_000, allowed_hosts=allowed, tls=no_trust) as it:
        yield it
