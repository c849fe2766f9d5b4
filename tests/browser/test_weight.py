"""What the first visit costs a visitor's connection."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.server import Server

MOST_BYTES = 220_000


async def test_the_first_visit_transfers_little(visit: Visit, server: Server) -> None:
    context = await visit()
    page = await context.new_page()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    sizes: dict[str, float] = {}
    urls: dict[str, str] = {}
    network.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    network.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
    )
    await page.goto(server.url, wait_until="networkidle")
    await expect(page.get_by_role("button", name="Start free")).to_be_visible()
    listed = {urls.get(key, key): size for key, size in sizes.items()}
    assert any(url.endswith(".css") for url in listed)
    assert any(url.endswith(".js") for url in listed)
    assert sum(listed.values()) <= MOST_BYTES, listed
