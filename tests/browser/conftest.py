"""A server, a browser and a website for all browser tests; a fresh visitor for each."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, async_playwright, expect

from tests.browser.company_page import CompanyPage
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.chromium import find_chromium
from tests.support.fault_site import FaultSite
from tests.support.fixture_site import FixtureSite

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Parts of the window's own frame that are pages themselves: a process for every visitor.
    "--disable-features=InitialWebUI,WebUIReloadButton,WebUIToolbar,WebUITabStrip,TopChromeWebUI,"
    "WebUIOmnibox,WebUIOmniboxPopup,WebUISplitTabsButton,WebUIHomeButton,WebUILocationBar",
]
EXPECT_MILLISECONDS = 40_000


@pytest.fixture(scope="session")
def website() -> Iterator[FixtureSite]:
    """Quayline's website."""
    with FixtureSite() as site:
        yield site


@pytest.fixture(scope="session")
def hostile_website() -> Iterator[FixtureSite]:
    """A website that attacks its readers."""
    with FixtureSite("hostile") as site:
        yield site


@pytest.fixture(scope="session")
def other_websites() -> Iterator[dict[str, FixtureSite]]:
    """Websites that cannot be used: ``thin`` and ``spa``."""
    with FixtureSite("thin") as thin, FixtureSite("spa") as spa:
        yield {"thin": thin, "spa": spa}


@pytest.fixture(scope="session")
def broken_website() -> Iterator[FaultSite]:
    """A website that fails in every way."""
    with FaultSite() as site:
        yield site


@pytest.fixture(scope="session")
def allowed_hosts(
    website: FixtureSite,
    hostile_website: FixtureSite,
    other_websites: dict[str, FixtureSite],
    broken_website: FaultSite,
) -> str:
    """FETCH_ALLOW_HOSTS for all of these, and for a port where nobody listens."""
    sites = [website, hostile_website, *other_websites.values()]
    return ",".join([*(site.host_port for site in sites), broken_website.host_port, "127.0.0.1:9"])


@pytest.fixture(scope="session")
def running_model() -> Iterator[HeldModel]:
    """The language model of ``server``."""
    with HeldModel() as model:
        yield model


@pytest.fixture
def model(running_model: HeldModel) -> HeldModel:
    """The language model of ``server``, with no requests recorded and quick answers."""
    running_model.forget()
    return running_model


@pytest.fixture(scope="session")
async def server(
    tmp_path_factory: pytest.TempPathFactory, running_model: HeldModel, allowed_hosts: str
) -> AsyncIterator[Server]:
    """The product with a model, and without a limit that tests would reach."""
    server = Server(
        tmp_path_factory.mktemp("server") / "data",
        {
            "FETCH_ALLOW_HOSTS": allowed_hosts,
            "LLM_MODELS": "openai/paced",
            "OPENAI_BASE_URL": running_model.base_url,
            "OPENAI_API_KEY": "sk-test-not-a-real-key",
            "ANONYMOUS_GENERATIONS_PER_HOUR": "10000",
            "GENERATIONS_AT_ONCE_PER_ADDRESS": "1000",
            "API_REQUESTS_PER_MINUTE": "10000",
            "LLM_SILENCE_SECONDS": "60",
        },
    )
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def basic_server(
    tmp_path_factory: pytest.TempPathFactory, allowed_hosts: str
) -> AsyncIterator[Server]:
    """The product as it is without any key: no model."""
    server = Server(
        tmp_path_factory.mktemp("basic") / "data",
        {
            "FETCH_ALLOW_HOSTS": allowed_hosts,
            "ANONYMOUS_GENERATIONS_PER_HOUR": "10000",
            "GENERATIONS_AT_ONCE_PER_ADDRESS": "1000",
            "API_REQUESTS_PER_MINUTE": "10000",
        },
    )
    await server.start()
    assert await server.models() == [], "A .env file names a model: these tests need none."
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    expect.set_options(timeout=EXPECT_MILLISECONDS)
    path = os.environ.get("CHROMIUM_PATH") or str(find_chromium())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


class Complaints:
    """What the browser reports as an error. A test fails on any that it did not expect."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Let errors through in which the regular expression is found."""
        self._expected.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"uncaught: {error.error}"))
        context.on("dialog", lambda dialog: self.seen.append(f"dialog: {dialog.message}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"{message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        """Errors that no pattern covers."""
        return [t for t in self.seen if not any(re.search(p, t) for p in self._expected)]


@pytest.fixture(autouse=True)
def complaints() -> Iterator[Complaints]:
    """Fails the test on every error in the browser that it did not expect."""
    found = Complaints()
    yield found
    assert found.unexpected() == []


Visit = Callable[..., Awaitable[BrowserContext]]


@pytest.fixture
async def visit(browser: Browser, complaints: Complaints) -> AsyncIterator[Visit]:
    """Makes a visitor: a browser context of their own, with the given options."""
    contexts = []

    async def visit(**options: Any) -> BrowserContext:
        context = await browser.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(EXPECT_MILLISECONDS)
        complaints.watch(context)
        contexts.append(context)
        return context

    yield visit
    for context in contexts:
        await context.close()


@pytest.fixture
async def visitor(visit: Visit) -> BrowserContext:
    """A visitor who has never been here."""
    return await visit()


@pytest.fixture
async def company(
    visitor: BrowserContext, server: Server, written: dict[str, Any], model: HeldModel
) -> CompanyPage:
    """A tab of the visitor, not yet anywhere, on a server that has written before."""
    return CompanyPage(await visitor.new_page(), server.url)


@pytest.fixture(scope="session")
async def written(server: Server, website: FixtureSite) -> dict[str, Any]:
    """A company's data as the server writes it, to put into a browser as a draft."""
    answer = await server.generate(website_url=website.base_url)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def document(written: dict[str, Any]) -> dict[str, Any]:
    """A draft of that company."""
    data = copy.deepcopy(written)
    return {
        "id": "0123456789abcdef01234567",
        "entity": "company",
        "name": data["company_name"],
        "status": "draft",
        "created_at": "2026-01-02T03:04:05.000000+00:00",
        "updated_at": "2026-01-02T03:04:05.000000+00:00",
        "data": data,
    }


@pytest.fixture
async def opened(company: CompanyPage, document: dict[str, Any]) -> CompanyPage:
    """A tab in which a company is open that was written earlier."""
    await put(company, {f"draft_company_{document['id']}": json.dumps(document)})
    await company.open()
    return company


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens outside the browser."""
    async with asyncio.timeout(EXPECT_MILLISECONDS / 1000):
        while not condition():  # noqa: ASYNC110 - other threads and processes set no event
            await asyncio.sleep(0.01)


async def put(company: CompanyPage, items: dict[str, str]) -> None:
    """Write into the browser's storage before the product is loaded."""
    empty = f"{company.url}/empty-page-of-the-tests"
    await company.page.route(empty, lambda route: route.fulfill(body="", content_type="text/html"))
    await company.page.goto(empty)
    await company.page.evaluate(
        "items => Object.entries(items).forEach(([k, v]) => localStorage.setItem(k, v))", items
    )
