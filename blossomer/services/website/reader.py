"""Reading a website: who reads, within which limits, and what is kept for the next time.

One read is in ``reading.py``, a pasted description in ``pasted.py``.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta

import httpx

from blossomer.services.website.address import WebAddress, has_scheme, normalise_url, parse_address
from blossomer.services.website.cache import WebsiteCache
from blossomer.services.website.fetch import BOT_NAME, Fetcher
from blossomer.services.website.firecrawl import FirecrawlClient
from blossomer.services.website.guard import AddressGuard, Resolver, system_resolver
from blossomer.services.website.model import Website
from blossomer.services.website.pasted import website_from_text
from blossomer.services.website.reading import Progress, SiteReading
from blossomer.services.website.shared_reads import SharedReads
from blossomer.services.website.source import PageSource
from blossomer.settings import Settings

__all__ = ["WebsiteReader", "normalise_url", "website_from_text"]


class WebsiteReader:
    """Reads websites. One reader serves the whole process.

    Who wants a website that is being read at this moment waits for that read: a link that many
    follow at once is no reason to ask one website for the same pages many times.

    Args:
        settings: Budgets, limits, Firecrawl, the cache.
        resolver: Finds IP addresses; None for the operating system's.
        tls: Certificates to trust; None for the usual ones.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._resolver = resolver or system_resolver
        # Reading the certificates takes longer than many a request: once, not per website.
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._user_agent = f"{BOT_NAME}/1.0"
        if settings.public_url:
            self._user_agent += f" (+{settings.public_url})"
        wanted = settings.firecrawl_api_key or settings.firecrawl_api_url
        self._firecrawl = FirecrawlClient(settings) if wanted else None
        self._firecrawl_problem = ""
        self._under_way = SharedReads()
        self._cache: WebsiteCache | None = None
        if settings.environment == "development" and settings.website_cache_hours > 0:
            self._cache = WebsiteCache(
                settings.website_cache_dir, timedelta(hours=settings.website_cache_hours)
            )

    @property
    def name(self) -> str:
        """Who is asked first: ``"firecrawl"`` or ``"built-in"``."""
        return "firecrawl" if self._firecrawl else "built-in"

    async def health(self) -> dict[str, str]:
        """How reading is set up, and whether Firecrawl failed last time. Asks nobody."""
        state = {
            "status": "degraded" if self._firecrawl_problem else "ok",
            "reader": self.name,
            "cache": f"{self._settings.website_cache_hours:g} hours" if self._cache else "off",
        }
        if self._firecrawl_problem:
            state["detail"] = f"Firecrawl was not used last time: {self._firecrawl_problem}."
        return state

    async def read(self, url: str, *, on_progress: Progress | None = None) -> Website:
        """Read a website: the page at the address, then the pages that tell most.

        Args:
            url: As a person typed it. Without a scheme, https is tried, then http.
            on_progress: Called with one line for a person whenever something has been read.

        Raises:
            UserError: For everything that can be wrong with the address and the website.
        """
        address = parse_address(url, allowed_hosts=self._settings.allowed_fetch_hosts)
        may_use_http = not has_scheme(url)
        key = f"{address.url} {self.name} {self._settings.website_max_pages}"
        return await self._under_way.read(
            f"{key} {may_use_http}",
            lambda tell: self._read(address, key, tell, may_use_http=may_use_http),
            on_progress,
        )

    async def _read(
        self, address: WebAddress, key: str, tell: Progress, *, may_use_http: bool
    ) -> Website:
        if self._cache:
            kept = await asyncio.to_thread(self._cache.load, key)
            if kept:
                tell(f"Found {address.host} in the cache")
                return kept
        allowed = self._settings.allowed_fetch_hosts
        guard = AddressGuard(self._resolver, allowed)
        async with Fetcher(
            guard,
            max_bytes=self._settings.website_max_bytes,
            user_agent=self._user_agent,
            allowed_hosts=allowed,
            tls=self._tls,
        ) as fetcher:
            source = PageSource(fetcher, guard, self._firecrawl)
            reading = SiteReading(self._settings, fetcher, source, tell)
            website = await reading.run(address, may_use_http=may_use_http)
        if self._firecrawl:
            self._firecrawl_problem = source.problem
        if self._cache and not source.problem:
            await asyncio.to_thread(self._cache.store, key, website)
        return website
