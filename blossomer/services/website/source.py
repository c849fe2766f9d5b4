"""Who brings the pages of one read: Firecrawl while it works, the built-in fetcher otherwise."""

from __future__ import annotations

import asyncio
from typing import Literal

from blossomer.services.website.address import WebAddress
from blossomer.services.website.fetch import PAGE_SECONDS, Fetched, Fetcher
from blossomer.services.website.firecrawl import FirecrawlClient, FirecrawlError
from blossomer.services.website.guard import AddressGuard

FIRECRAWL_SHARE = 0.6
"""Part of the time left that Firecrawl may use for a page, so that the fallback has some."""


class PageSource:
    """Brings pages for one read.

    Args:
        fetcher: The built-in fetcher.
        guard: Checks addresses before Firecrawl hears of them.
        firecrawl: None when it is not set up.
    """

    def __init__(
        self, fetcher: Fetcher, guard: AddressGuard, firecrawl: FirecrawlClient | None
    ) -> None:
        self._fetcher = fetcher
        self._guard = guard
        self._firecrawl = firecrawl
        self.problem = ""
        """Why Firecrawl is no longer asked in this read; empty while it works."""

    @property
    def reader(self) -> Literal["built-in", "firecrawl"]:
        """Who is asked for the next page."""
        return "firecrawl" if self._firecrawl and not self.problem else "built-in"

    @property
    def note(self) -> str:
        """The same as ``problem``, as a sentence for the person who waits."""
        return f"Firecrawl could not be used ({self.problem}); the built-in reader took over."

    async def fetch(self, address: WebAddress, *, seconds: float) -> Fetched:
        """Bring one page.

        Args:
            address: Where.
            seconds: Most time, for both ways together.

        Raises:
            UserError: When the page cannot be had in either way.
        """
        loop = asyncio.get_running_loop()
        if self._firecrawl and not self.problem:
            began = loop.time()
            try:
                return await self._firecrawl.fetch(
                    address, self._guard, seconds=seconds * FIRECRAWL_SHARE
                )
            except FirecrawlError as error:
                self.problem = str(error)
                seconds -= loop.time() - began
        return await self._fetcher.fetch(address.url, seconds=min(seconds, PAGE_SECONDS))
