"""Everybody can use it: with a keyboard, with a screen reader, on a small screen, in the dark."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, expect

from tests.browser.accessibility import objections_to
from tests.browser.company_page import CARDS, LABELS, CompanyPage
from tests.browser.conftest import Complaints, put
from tests.browser.held_model import HeldModel
from tests.browser.server import Server
from tests.browser.test_account import APP, sign_in_by_hand
from tests.browser.test_storage import FILL, FREE
from tests.support.fault_site import FaultSite
from tests.support.fixture_site import FixtureSite

FIRST = CARDS[0]


async def test_no_state_before_a_company_has_a_barrier(
    company: CompanyPage,
    website: FixtureSite,
    broken_website: FaultSite,
    model: HeldModel,
    complaints: Complaints,
) -> None:
    complaints.expect("status of 404")
    page = company.page
    found = {}
    await company.open("/")
    await page.get_by_text("Add context").click()
    await page.get_by_text("Paste a description instead of reading").click()
    found["landing"] = await objections_to(page, turn=len(found))
    await page.get_by_role("button", name="Start free").click()
    await expect(page.locator("form").get_by_role("alert")).to_be_visible()
    found["landing with a problem"] = await objections_to(page, turn=len(found))
    await company.open("/nowhere")
    found["no such page"] = await objections_to(page, turn=len(found))
    await company.open()
    found["empty"] = await objections_to(page, turn=len(found))
    await company.submit(f"{broken_website.base_url}/status/500")
    await expect(company.failure).to_be_visible()
    found["failure"] = await objections_to(page, turn=len(found))
    with model.held_after(FIRST):
        await company.submit(website.base_url)
        await expect(company.statements(FIRST)).to_have_count(3)
        found["writing"] = await objections_to(page, turn=len(found))
    await company.wait_written()
    await company.page.goto(f"{company.url}/playground/company?id=nope")
    await expect(page.get_by_role("heading", name="This company is not here")).to_be_visible()
    found["not found"] = await objections_to(page, turn=len(found))
    assert {state: objections for state, objections in found.items() if objections} == {}


async def test_no_state_of_a_company_has_a_barrier(opened: CompanyPage) -> None:
    page = opened.page
    found = {}
    await page.get_by_test_id("provenance").locator("summary").click()
    await page.locator("li summary").first.click()
    await page.get_by_text("Another company").click()
    found["company"] = await objections_to(page, turn=len(found))
    await page.locator("button[aria-label=Delete]").click()
    await expect(opened.modal).to_be_visible()
    found["asking before deleting"] = await objections_to(page, turn=len(found))
    await page.keyboard.press("Escape")
    await expect(opened.modal).to_be_hidden()
    await opened.edit(FIRST)
    found["modal"] = await objections_to(page, turn=len(found))
    await opened.rows.first.fill("A change")
    await page.keyboard.press("Escape")
    await expect(opened.modal.get_by_role("alert")).to_be_visible()
    found["modal that asks"] = await objections_to(page, turn=len(found))
    await opened.modal.get_by_role("button", name="Discard").click()
    await page.get_by_role("button", name="Edit name and description").click()
    await expect(opened.modal.get_by_label("Name")).to_be_visible()
    found["modal of the overview"] = await objections_to(page, turn=len(found))
    await opened.save()
    await opened.edit(CARDS[1])
    while await opened.rows.count() > 1:
        count = await opened.rows.count()
        await opened.modal.get_by_role("button", name="Delete item 1", exact=True).click()
        await expect(opened.rows).to_have_count(count - 1)
    await opened.rows.first.fill("")
    await opened.save()
    await opened.page.evaluate(FILL, 150_000)
    await opened.change_item(FIRST, 0, "Changed in a hurry. " + "Long" * 60)
    await expect(page.get_by_test_id("storage-nearly-full")).to_be_visible()
    found["nearly full, an edited item, an empty card"] = await objections_to(page, turn=len(found))
    await opened.page.evaluate(FILL, 0)
    await opened.change_item(FIRST, 0, "Changed once more. " + "Longer" * 60)
    await expect(page.get_by_test_id("storage-full")).to_be_visible()
    found["full"] = await objections_to(page, turn=len(found))
    await opened.page.evaluate(FREE)
    assert {state: objections for state, objections in found.items() if objections} == {}


async def test_several_companies_with_long_names_have_no_barrier(
    company: CompanyPage, document: dict[str, Any]
) -> None:
    drafts = {}
    for number in range(2):
        draft = {**document, "id": f"{number}" * 24, "name": "Brightwater Foods International " * 3}
        drafts[f"draft_company_{draft['id']}"] = json.dumps(draft)
    await put(company, drafts)
    await company.open()
    await expect(company.page.get_by_label("Your companies")).to_be_visible()
    assert await objections_to(company.page) == []


async def test_the_header_can_be_skipped(opened: CompanyPage) -> None:
    await opened.page.locator("body").focus()
    await _tab_to(opened, "Skip to content")
    await opened.page.keyboard.press("Enter")
    await opened.page.keyboard.press("Tab")
    focus = "document.querySelector('main').contains(document.activeElement)"
    assert await opened.page.evaluate(focus)
    await expect(opened.name).to_be_visible()


async def test_no_page_around_an_account_has_a_barrier(
    visitor: BrowserContext, basic_server: Server, website: FixtureSite
) -> None:
    found = {}
    playground = CompanyPage(await visitor.new_page(), basic_server.url)
    page = playground.page
    for path in ("/auth?mode=signin", "/auth?mode=signup", "/handler/error?cause=code_used"):
        await playground.open(path)
        found[path] = await objections_to(page, turn=len(found))
    await playground.open()
    await playground.submit(website.base_url)
    await playground.wait_written()
    await sign_in_by_hand(page, f"{uuid4().hex}@example.com")
    await expect(page.get_by_role("heading", name="Keep your playground work?")).to_be_visible()
    found["the question"] = await objections_to(page, turn=len(found))
    await page.get_by_role("button", name="Keep it").click()
    company = CompanyPage(page, basic_server.url, APP)
    await expect(company.name).to_be_visible()
    await page.get_by_role("button", name="Your account").click()
    found["the menu"] = await objections_to(page, turn=len(found))
    await page.get_by_role("button", name="Your account").click()
    await page.get_by_text("Another company").click()
    await company.submit(website.base_url)
    await expect(page.get_by_test_id("draft")).to_be_visible()
    found["a draft"] = await objections_to(page, turn=len(found))
    await company.change_item(FIRST, 0, "Changed.")
    await company.edit(FIRST)
    await company.modal.get_by_role("button", name="Earlier versions").click()
    await expect(company.modal.get_by_role("button", name="Use this")).to_be_visible()
    found["earlier versions"] = await objections_to(page, turn=len(found))
    await page.keyboard.press("Escape")
    await company.open("/account-settings")
    await expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    found["the account"] = await objections_to(page, turn=len(found))
    await company.open(f"{APP}/00000000-0000-4000-8000-000000000000")
    await expect(page.get_by_role("heading", name="This company is not here")).to_be_visible()
    found["not there"] = await objections_to(page, turn=len(found))
    assert {state: objections for state, objections in found.items() if objections} == {}


async def test_the_whole_journey_needs_no_mouse(company: CompanyPage, website: FixtureSite) -> None:
    page, keyboard = company.page, company.page.keyboard
    await company.open("/")
    await page.locator("body").focus()
    await page.evaluate("document.activeElement.blur()")
    await _tab_to(company, "Skip to content")
    await _tab_to(company, "Website")
    await keyboard.type(website.base_url)
    await keyboard.press("Enter")
    await company.wait_written()
    await _tab_to(company, f"Edit {LABELS[FIRST]}")
    await keyboard.press("Enter")
    await expect(company.modal).to_be_visible()

    # The focus stays in the modal, all the way round, in both directions.
    for key in ("Tab", "Shift+Tab"):
        for _ in range(await company.modal.locator("button, textarea").count() + 2):
            await keyboard.press(key)
            assert await company.modal.evaluate("m => m.contains(document.activeElement)")
    await keyboard.press("Escape")
    await expect(company.modal).to_have_count(0)
    button = company.card(FIRST).get_by_role("button", name=f"Edit {LABELS[FIRST]}")
    await expect(button).to_be_focused()


async def _tab_to(company: CompanyPage, name: str) -> None:
    """Press Tab until the element of that name has the focus; every stop must be visible."""
    for _ in range(80):
        await company.page.keyboard.press("Tab")
        focus: dict[str, Any] = await company.page.evaluate(
            """() => {
              const e = document.activeElement, style = getComputedStyle(e);
              const box = e.getBoundingClientRect();
              return {
                name: e.ariaLabel || e.labels?.[0]?.innerText || e.innerText || "",
                seen: e === document.body || (box.width > 1 && box.height > 1 &&
                  style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
                html: e.outerHTML.slice(0, 200),
              };
            }"""
        )
        assert focus["seen"], f"the focus is not visible: {focus['html']}"
        if name in focus["name"]:
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key")
