"""A person makes and changes a battlecard in a real browser. Runs in the copy that has the entity.

The words are those of docs/extending.md.
"""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from blossomer.components.place import APP, PLAYGROUND, Place
from blossomer.entities import ENTITIES
from tests.browser.company_page import CompanyPage
from tests.browser.conftest import *  # noqa: F403  its fixtures
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.support.fixture_site import FixtureSite
from tests.support.member import sign_in

CONFIG = ENTITIES["battlecard"]
OWN = "They answer the telephone at night."
CLAIM = "They are cheaper to begin with"


@pytest.mark.parametrize("place", [PLAYGROUND, APP], ids=["playground", "app"])
async def test_the_journey(
    visitor: BrowserContext, server: Server, model: HeldModel, website: FixtureSite, place: Place
) -> None:
    if place.has_account:
        name, _, value = (await sign_in(server.url, "battle@example.com")).partition("=")
        await visitor.add_cookies([{"name": name, "value": value, "url": server.url}])
    tab = CompanyPage(await visitor.new_page(), server.url, place.path(ENTITIES["company"]))
    page = tab.page
    battlecards = place.path(CONFIG)

    # Without a company the form says where to begin.
    await tab.open(battlecards)
    await expect(page.get_by_role("heading", name="No battlecards yet")).to_be_visible()
    await page.get_by_role("link", name="Write battlecard").click()
    await page.get_by_role("link", name="Begin with a company").click()
    await tab.submit(website.base_url)
    await tab.wait_written()
    company = await tab.name.inner_text()

    # From the company's page to the form, where the company is chosen.
    section = page.locator("[data-children=battlecard]")
    await section.get_by_role("link", name="Battlecard", exact=True).click()
    await expect(page.get_by_role("heading", name="Describe a competitor")).to_be_visible()
    form = page.locator("main form")
    await form.get_by_label("Company", exact=True).select_option(label=company)
    await form.get_by_label("Competitor").fill("Ledgerly")
    await form.locator("button[type=submit]").click()
    await expect(tab.name).to_have_text("Ledgerly")
    await tab.wait_written()
    for card in CONFIG.cards:
        await expect(tab.card(card.key).locator("li").first).to_be_visible()

    # A text card and the structured one are changed, and are so after a reload.
    await page.locator("#edit-strengths").click()
    await tab.rows.first.fill(OWN)
    await tab.save()
    await page.locator("#edit-replies").click()
    panel = tab.modal.locator("details").first
    if await panel.get_attribute("open") is None:
        await panel.locator("summary").click()
    await tab.modal.locator("[id^=row-][id$=-claim]").first.fill(CLAIM)
    await tab.save()
    await expect(tab.save_state).to_have_text(place.saved)
    others = await tab.texts("advantages")
    await tab.reload()
    await expect(tab.statements("strengths").first).to_have_text(OWN)
    await expect(tab.card("replies").get_by_text(CLAIM)).to_be_visible()
    assert await tab.texts("advantages") == others

    # The list finds it by its words; it is deleted there and taken back.
    await tab.open(battlecards)
    await page.get_by_role("searchbox").fill("telephone")
    await page.wait_for_url("**?q=telephone")
    row = page.get_by_role("link", name="Ledgerly", exact=True)
    await expect(row).to_be_visible()
    await row.click()
    await expect(tab.name).to_have_text("Ledgerly")
    await page.locator("main").get_by_role("button", name="Delete", exact=True).click()
    await tab.modal.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("heading", name="No battlecards yet")).to_be_visible()
    await page.get_by_test_id("deleted").get_by_role("button", name="Undo").click()
    await expect(tab.name).to_have_text("Ledgerly")
    await expect(tab.statements("strengths").first).to_have_text(OWN)
