"""Firecrawl as the one who fetches pages: it runs scripts and gets past what stops a plain request.

Only the fetch is Firecrawl's. The address is checked before it is asked, since a self-hosted
Firecrawl would otherwise open the operator's network, and what it returns is extracted and judged
like any other page.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

import structlog

from blossomer.services.website.address import WebAddress, join_address
from blossomer.services.website.fetch import Fetched
from blossomer.services.website.guard import AddressGuard
from blossomer.settings import Settings

CLOUD_URL = "https://api.firecrawl.dev"
NETWORK_SECONDS = 2.0
"""How much longer we wait than Firecrawl itself is told to take."""

_REASONS = {
    400: "it does not accept the address",
    401: "its key is not valid",
    402: "its credits are used up",
    403: "it does not support this website",
    408: "it took too long",
    429: "its rate limit is reached",
}
_log = structlog.get_logger(__name__)


class FirecrawlError(Exception):
    """Firecrawl did not bring the page. The message is a clause for a person."""


class FirecrawlClient:
    """Fetches single pages through Firecrawl's scrape endpoint.

    Args:
        settings: The key, and the address of a self-hosted server.
    """

    def __init__(self, settings: Settings) -> None:
        key = settings.firecrawl_api_key
        self._key = key.get_secret_value() if key else ""
        self._url = settings.firecrawl_api_url or CLOUD_URL
        self._max_bytes = settings.website_max_bytes
        self._allowed_hosts = settings.allowed_fetch_hosts
        self._client: Any = None

    async def fetch(self, address: WebAddress, guard: AddressGuard, *, seconds: float) -> Fetched:
        """Let Firecrawl fetch one page.

        Args:
            address: Checked before Firecrawl hears of it.
            guard: Decides; also about the address that Firecrawl was redirected to.
            seconds: Most time.

        Raises:
            FirecrawlError: When there is no page, for whatever reason.
            UserError: When the address is not allowed or does not exist.
        """
        await guard.check(address)
        try:
            async with asyncio.timeout(seconds):
                document = await self._scrape(address.url, seconds)
        except TimeoutError:
            raise FirecrawlError(_REASONS[408]) from None
        except Exception as error:
            # Its own errors, httpx's, pydantic's and more: whatever it is, there is another way.
            raise FirecrawlError(_reason(error)) from None
        metadata = document.metadata_typed
        if metadata.status_code is not None and metadata.status_code >= 400:
            raise FirecrawlError(f"it reports status {metadata.status_code}")
        content = (document.raw_html or document.html or "").encode(errors="replace")
        if not content.strip():
            raise FirecrawlError("it returned an empty page")
        if len(content) > self._max_bytes:
            raise FirecrawlError("it returned a page over the size limit")
        found = address
        if metadata.url:
            target = join_address(address.url, metadata.url, allowed_hosts=self._allowed_hosts)
            if target is None:
                raise FirecrawlError("it was led to an address that cannot be read")
            await guard.check(target)
            found = target
        return Fetched(found, content, "text/html", "utf-8")

    async def _scrape(self, url: str, seconds: float) -> Any:
        if self._client is None:
            # The package takes seconds to import: not at start, and not on the event loop.
            self._client = await asyncio.to_thread(self._connect)
        limit = max(seconds - NETWORK_SECONDS, seconds / 2)
        return await self._client.scrape(
            url,
            formats=["rawHtml"],
            only_main_content=False,
            timeout=math.ceil(limit * 1000),
            auto_resume=False,
        )

    def _connect(self) -> Any:
        from firecrawl import AsyncFirecrawl  # type: ignore[import-untyped]  # noqa: PLC0415

        return AsyncFirecrawl(
            # An empty string, not None: with None the package would look into the environment.
            api_key=self._key,
            api_url=self._url,
            max_retries=1,
            origin="blossomer",
        )


def _reason(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    _log.warning("firecrawl_failed", error=type(error).__name__, status=status)
    if status is None:
        return "it could not be reached"
    return _REASONS.get(status, f"it answered with status {status}")
