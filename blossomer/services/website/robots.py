"""robots.txt: what a website asks programs not to read (RFC 9309).

Rules are fetched once per host and read. By section 2.3.1 of the RFC, a robots.txt that does not
exist (4xx, or redirects without end) allows everything, and one that fails (5xx, network) allows
nothing. ``Crawl-delay`` is not part of the RFC and is not honoured: a read is a handful of pages
that a person asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from protego import Protego

from blossomer.errors import UserError
from blossomer.services.website import failures
from blossomer.services.website.address import WebAddress
from blossomer.services.website.fetch import BOT_NAME, Fetcher

MAX_BYTES = 512_000
"""RFC 9309, 2.5: at least 500 kibibytes are to be parsed; what follows is ignored."""

ROBOTS_SECONDS = 5.0

_FAILING = frozenset({"website_error", "connection_lost"})


class Robots:
    """The rules of the hosts met in one read.

    Args:
        fetcher: Fetches robots.txt under the same guard and limits as pages.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, Protego] = {}

    async def check(self, address: WebAddress) -> None:
        """Refuse a page that must not be read.

        Raises:
            UserError: ``robots_disallowed``, ``robots_unreachable``, or the network's own failure
                when the host cannot be reached at all.
        """
        rules = await self._load(address)
        url = address.url if address.target else f"{address.url}/"
        if not await asyncio.to_thread(rules.can_fetch, url, BOT_NAME):
            raise failures.robots_disallowed(address.host)

    async def sitemaps(self, address: WebAddress) -> Iterable[str]:
        """The sitemaps that robots.txt names, in order."""
        return (await self._load(address)).sitemaps

    async def _load(self, address: WebAddress) -> Protego:
        known = self._rules.get(address.origin)
        if known is not None:
            return known
        try:
            fetched = await self._fetcher.fetch(
                f"{address.origin}/robots.txt",
                types=None,
                seconds=ROBOTS_SECONDS,
                limit=MAX_BYTES,
                cut=True,
            )
            text = fetched.body.decode("utf-8-sig", errors="replace")
            if not fetched.complete:
                # Half a rule can forbid more than the whole one.
                text = text.rpartition("\n")[0]
        except UserError as error:
            if not _is_absent(error):
                if error.code in _FAILING:
                    raise failures.robots_unreachable(address.host) from None
                raise
            text = ""
        # In a thread, here and in `check`: hostile rules take tenths of a second.
        rules = await asyncio.to_thread(Protego.parse, text)
        self._rules[address.origin] = rules
        return rules


def _is_absent(error: UserError) -> bool:
    if isinstance(error, failures.UnexpectedStatus):
        return error.website_status < 500
    return error.code == "redirect_loop"
