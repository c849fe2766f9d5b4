"""Addresses of a website's pages from its sitemaps, for home pages that link to few of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lxml import etree

from blossomer.errors import UserError
from blossomer.services.website.address import WebAddress, join_address
from blossomer.services.website.fetch import XML_TYPES, Fetcher
from blossomer.services.website.robots import Robots

MAX_BYTES = 1_000_000
MAX_ADDRESSES = 5_000
MAX_SITEMAPS = 3
SECONDS = 4.0


async def read_sitemaps(
    home: WebAddress, fetcher: Fetcher, robots: Robots, *, allowed_hosts: frozenset[str]
) -> list[str]:
    """The addresses in a website's sitemaps; none when anything is wrong with them.

    Args:
        home: The page that was read. Only sitemaps of the same site are read.
        fetcher: Fetches them.
        robots: Names them, and may forbid them.
        allowed_hosts: ``host:port`` pairs with ports other than 80 and 443.
    """
    try:
        named = list(await robots.sitemaps(home))[:MAX_SITEMAPS]
    except UserError:
        return []
    queue = named or [f"{home.origin}/sitemap.xml"]
    found: list[str] = []
    for _ in range(MAX_SITEMAPS):
        if not queue:
            break
        address = join_address(home.url, queue.pop(0), allowed_hosts=allowed_hosts)
        if address is None or address.site != home.site:
            continue
        try:
            await robots.check(address)
            fetched = await fetcher.fetch(
                address.url, types=XML_TYPES, seconds=SECONDS, limit=MAX_BYTES, cut=True
            )
        except UserError:
            continue
        listed, is_index = await asyncio.to_thread(parse_sitemap, fetched.body)
        if is_index:
            queue = _most_telling(listed) + queue
        else:
            found += listed
    return found


def parse_sitemap(xml: bytes) -> tuple[list[str], bool]:
    """The addresses of a sitemap, and whether they are sitemaps themselves.

    Entities are not expanded and nothing is loaded; a broken or cut document gives what stands
    before the break.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return [], False
    # With `recover`, lxml answers None when there is nothing to recover.
    if root is None:
        return [], False
    found: list[str] = []
    for element in root.iter("{*}loc"):
        if element.text and len(found) < MAX_ADDRESSES:
            found.append(element.text.strip())
    return found, etree.QName(root).localname == "sitemapindex"


def _most_telling(sitemaps: Iterable[str]) -> list[str]:
    """Sitemaps of pages before those of posts, products and pictures."""
    return sorted(sitemaps, key=lambda url: "page" not in url.rpartition("/")[2])[:MAX_SITEMAPS]
