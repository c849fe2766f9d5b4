"""One read of one website: the page that was asked for, then the pages that tell most.

Who fetches is in ``source.py``, the choice of pages in ``choose.py``, the meaning of HTML in
``extract.py``, the judgement of what was found in ``assess.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from blossomer import metrics
from blossomer.entities.base import PageSkipped
from blossomer.errors import UserError
from blossomer.services.website import failures
from blossomer.services.website.address import WebAddress, join_address, page_key, parse_address
from blossomer.services.website.assess import assess_coverage
from blossomer.services.website.choose import KIND_ORDER, Candidate, choose_pages
from blossomer.services.website.extract import extract_page
from blossomer.services.website.fetch import Fetcher, as_html
from blossomer.services.website.model import Page, PageKind, Website
from blossomer.services.website.robots import Robots
from blossomer.services.website.sitemap import read_sitemaps
from blossomer.services.website.source import PageSource
from blossomer.services.website.words import LEAST_PAGE_WORDS, LEAST_WORDS, count_words
from blossomer.settings import Settings
from blossomer.tracing import span

CONCURRENT_PAGES = 3
"""Pages of one website fetched at once: quick for us, and no burden for the smallest server."""

ROUNDS = 2
"""How often pages that failed are replaced by the next best ones."""

_META_REFRESH = re.compile(
    rb"<meta[^>]{0,200}http-equiv\s*=\s*[\"']?refresh[^>]{0,200}?url\s*=\s*[\"']?([^\"'>\s]{1,2000})",
    re.IGNORECASE,
)
_SCRIPT = re.compile(rb"<script\b", re.IGNORECASE)

_REFRESH_WITHIN = 20_000

Progress = Callable[[str], None]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page, where it was after redirects, and the HTML it came from."""

    address: WebAddress
    page: Page
    body: bytes


class SiteReading:
    """One read of one website: its deadline, and what was found so far.

    Args:
        settings: Budgets and limits.
        fetcher: For robots.txt and sitemaps.
        source: For pages.
        on_progress: Called with one line for a person whenever a page has been read.
    """

    def __init__(
        self,
        settings: Settings,
        fetcher: Fetcher,
        source: PageSource,
        on_progress: Progress | None,
    ) -> None:
        self._allowed = settings.allowed_fetch_hosts
        self._wanted = settings.website_max_pages - 1
        self._fetcher = fetcher
        self._source = source
        self._robots = Robots(fetcher)
        self._on_progress = on_progress
        self._deadline = asyncio.get_running_loop().time() + settings.website_time_budget_seconds
        self._slots = asyncio.Semaphore(CONCURRENT_PAGES)
        self._skipped: list[PageSkipped] = []
        self._seen: set[str] = set()

    async def run(self, address: WebAddress, *, may_use_http: bool) -> Website:
        """Read the website.

        Args:
            address: The page to begin with.
            may_use_http: Try http when https is refused, because no scheme was typed.

        Raises:
            UserError: When the first page cannot be read, or everything together tells too little.
        """
        try:
            async with asyncio.timeout_at(self._deadline):
                address, home = await self._read_home(address, may_use_http=may_use_http)
        except TimeoutError:
            raise failures.website_timeout(address.host) from None
        reader = self._source.reader
        self._seen.add(_content_key(home.page))
        self._tell(f"Read {home.address.host}")
        pages = [home.page, *await self._read_others(home)]
        self._refuse_too_little(home, pages)
        if self._source.problem:
            self._skip(address.url, self._source.note)
        coverage = assess_coverage(
            pages,
            reader=reader,
            skipped=self._skipped,
            from_cache=False,
            fetched_at=datetime.now(UTC),
        )
        return Website(address.url, tuple(pages), coverage)

    def _refuse_too_little(self, home: _Found, pages: Sequence[Page]) -> None:
        if sum(count_words(page.prompt_text) for page in pages) >= LEAST_WORDS:
            return
        if _SCRIPT.search(home.body) and count_words(home.page.visible_text) < LEAST_WORDS:
            raise failures.needs_javascript(home.address.host)
        raise failures.too_little_text(home.address.host)

    async def _read_home(
        self, address: WebAddress, *, may_use_http: bool
    ) -> tuple[WebAddress, _Found]:
        """The first page, and the address that led to it."""
        try:
            home = await self._read_page(address, "home")
        except UserError as error:
            if error.code != "connection_refused" or not may_use_http or address.port != 443:
                raise
            address = replace(address, scheme="http", port=80)
            home = await self._read_page(address, "home")
        if count_words(home.page.prompt_text) < LEAST_WORDS:
            # Some home pages only send visitors on, to a language for example.
            refresh = _META_REFRESH.search(home.body, 0, _REFRESH_WITHIN)
            reference = refresh[1].decode("utf-8", errors="replace") if refresh else ""
            target = join_address(home.address.url, reference, allowed_hosts=self._allowed)
            if target and page_key(target.url) != page_key(home.address.url):
                home = await self._read_page(target, "home")
        return address, home

    async def _read_page(self, address: WebAddress, kind: PageKind) -> _Found:
        # Of the address only the host: paths and queries may hold names and keys.
        with span("website page", kind="client", host=address.host, page=kind):
            try:
                found = await self._fetched(address, kind)
            except UserError as error:
                metrics.PAGES_READ.labels(error.code).inc()
                raise
            metrics.PAGES_READ.labels("read").inc()
            return found

    async def _fetched(self, address: WebAddress, kind: PageKind) -> _Found:
        await self._robots.check(address)
        left = self._deadline - asyncio.get_running_loop().time()
        fetched = await self._source.fetch(address, seconds=max(left, 0.01))
        if page_key(fetched.address.url) != page_key(address.url):
            # A redirect must not lead to what robots.txt keeps back, here or on another host.
            await self._robots.check(fetched.address)
        body, charset = as_html(fetched)
        url = fetched.address.url
        try:
            page = await asyncio.to_thread(extract_page, body, url, kind=kind, encoding=charset)
        except Exception as error:
            # Whatever a page contains, a person gets words and the log gets the stack.
            _log.exception("extraction_failed", error=type(error).__name__)
            raise failures.unreadable_answer(fetched.address.host) from error
        return _Found(fetched.address, page, body)

    async def _read_others(self, home: _Found) -> list[Page]:
        """The other pages, as many as there is time for, in the order of what they tell."""
        pages: dict[int, Page] = {}
        under_way: dict[int, Candidate] = {}
        try:
            async with asyncio.timeout_at(self._deadline):
                candidates = await self._candidates(home)
                planned = min(self._wanted, len(candidates))
                queue = list(enumerate(candidates))
                for _ in range(ROUNDS):
                    batch = [queue.pop(0) for _ in range(min(planned - len(pages), len(queue)))]
                    if not batch:
                        break
                    under_way.update(batch)
                    async with asyncio.TaskGroup() as group:
                        for number, candidate in batch:
                            group.create_task(
                                self._read_other(number, candidate, planned, pages, under_way)
                            )
        except TimeoutError:
            for candidate in under_way.values():
                self._skip(candidate.url, "There was no time left to read it.")
        order = {kind: place for place, kind in enumerate(KIND_ORDER)}
        return sorted(
            (pages[number] for number in sorted(pages)),
            key=lambda page: order.get(page.kind, len(order)),
        )

    async def _read_other(
        self,
        number: int,
        candidate: Candidate,
        planned: int,
        pages: dict[int, Page],
        under_way: dict[int, Candidate],
    ) -> None:
        address = parse_address(candidate.url, allowed_hosts=self._allowed)
        async with self._slots:
            try:
                page = (await self._read_page(address, candidate.kind)).page
            except UserError as error:
                del under_way[number]
                self._skip(candidate.url, error.message)
                return
        del under_way[number]
        key, content = page_key(page.url), _content_key(page)
        if key in self._seen or content in self._seen:
            return
        if count_words(page.prompt_text) < LEAST_PAGE_WORDS:
            self._skip(candidate.url, "There is no useful text on it.")
            return
        self._seen.update((key, content))
        pages[number] = page
        # Counted with the home page, which was read first.
        self._tell(f"Read {len(pages) + 1} of {planned + 1} pages: {_label(candidate)}")

    async def _candidates(self, home: _Found) -> list[Candidate]:
        if self._wanted == 0:
            return []
        self._seen.add(page_key(home.address.url))
        links: list[tuple[str, str]] = list(home.page.links)
        chosen = await self._choose(home, links)
        if len(chosen) < self._wanted:
            listed = await read_sitemaps(
                home.address, self._fetcher, self._robots, allowed_hosts=self._allowed
            )
            links += [(url, "") for url in listed]
            chosen = await self._choose(home, links)
        return chosen

    async def _choose(self, home: _Found, links: Sequence[tuple[str, str]]) -> list[Candidate]:
        return await asyncio.to_thread(
            choose_pages, home.address, links, allowed_hosts=self._allowed
        )

    def _tell(self, line: str) -> None:
        if self._on_progress:
            self._on_progress(line)

    def _skip(self, url: str, reason: str) -> None:
        self._skipped.append(PageSkipped(url=url, reason=reason))


def _label(candidate: Candidate) -> str:
    if candidate.kind != "other":
        return candidate.kind
    return candidate.url.rstrip("/").rpartition("/")[2]


def _content_key(page: Page) -> str:
    """Equal for pages that show the same words, whatever their address."""
    words = " ".join(page.visible_text.split()).casefold()
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()
