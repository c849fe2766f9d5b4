"""A browser that has no room, or lets nothing be kept: told before it hurts, and nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.company_page import CARDS, CompanyPage
from tests.browser.conftest import Visit, put
from tests.browser.server import Server

CARD = "capabilities"
MINE = "A sentence that must not be lost. " * 40

# Fills the storage until about ``left`` characters remain. Chromium counts characters, not bytes.
FILL = """left => {
  localStorage.removeItem("junk");
  let size = 0;
  for (let step = 2 ** 22; step >= 1; step = Math.floor(step / 2)) {
    try { localStorage.setItem("junk", "x".repeat(size + step)); size += step; } catch {}
  }
  localStorage.setItem("junk", "x".repeat(size - left));
}"""
FREE = "() => localStorage.removeItem('junk')"

# As Chromium does where a person has blocked the data of sites.
BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { configurable: true,
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });
}"""


async def test_a_storage_that_is_nearly_full_is_told_and_the_edit_saved(
    opened: CompanyPage,
) -> None:
    await opened.page.evaluate(FILL, 150_000)
    await opened.change_item(CARD, 0, MINE)
    await expect(opened.page.get_by_test_id("storage-nearly-full")).to_contain_text("nearly full")
    await opened.wait_saved()
    assert (await opened.draft())["data"][CARD][0] == MINE.strip()
    await opened.page.evaluate(FREE)
    await opened.change_item(CARD, 0, "A shorter one.")
    await expect(opened.page.get_by_test_id("storage-nearly-full")).to_have_count(0)


async def test_a_full_storage_loses_nothing(opened: CompanyPage) -> None:
    before = await opened.draft()
    await opened.page.evaluate(FILL, 0)
    await opened.change_item(CARD, 0, MINE)
    told = opened.page.get_by_test_id("storage-full")
    await expect(told).to_contain_text("not saved")
    await expect(opened.save_state).to_have_text("Not saved")
    await expect(opened.statements(CARD).first).to_have_text(MINE)
    assert await opened.draft() == before

    async with opened.page.expect_download() as event:
        await told.get_by_role("button", name="Download this draft").click()
    path = await (await event.value).path()
    assert json.loads(path.read_text("utf-8"))["documents"][0]["data"][CARD][0] == MINE.strip()

    await told.get_by_role("button", name="Try to save again").click()
    await expect(opened.save_state).to_have_text("Not saved")
    # The news is at the top of a long page; that something is unsaved is seen everywhere.
    await opened.card(CARDS[-1]).scroll_into_view_if_needed()
    reminder = opened.page.get_by_test_id("unsaved")
    await expect(reminder).to_be_in_viewport()
    await opened.page.evaluate(FREE)
    await reminder.get_by_role("button", name="Try again").click()
    await opened.wait_saved()
    await expect(told).to_have_count(0)
    await expect(reminder).to_have_count(0)
    assert (await opened.draft())["data"][CARD][0] == MINE.strip()
    await opened.reload()
    await expect(opened.statements(CARD).first).to_have_text(MINE)


async def test_a_company_written_into_a_full_storage_stays_on_the_page(
    company: CompanyPage, website: Any
) -> None:
    await company.open()
    await company.page.evaluate(FILL, 0)
    await company.submit(website.base_url)
    await expect(company.page.get_by_test_id("storage-full")).to_be_visible()
    texts = await company.texts(CARD)
    assert texts
    await company.reload()
    await expect(company.statements(CARD)).to_have_text(texts)
    await company.page.evaluate(FREE)
    await company.page.get_by_role("button", name="Try to save again").click()
    await company.wait_saved()
    assert (await company.draft())["data"][CARD] == texts


async def test_a_browser_that_keeps_nothing_is_told_and_can_be_worked_in(
    visit: Visit, server: Server, written: Any, website: Any
) -> None:
    context = await visit()
    await context.add_init_script(BLOCKED)
    company = CompanyPage(await context.new_page(), server.url)
    await company.open()
    await company.submit(website.base_url)
    told = company.page.get_by_test_id("storage-unavailable")
    await expect(told).to_contain_text("does not let the site keep data")
    await company.change_item(CARD, 0, MINE)
    await expect(company.statements(CARD).first).to_have_text(MINE)
    async with company.page.expect_download() as event:
        await told.get_by_role("button", name="Download this draft").click()
    path = await (await event.value).path()
    assert json.loads(path.read_text("utf-8"))["documents"][0]["data"][CARD][0] == MINE.strip()


def damaged_drafts(document: dict[str, Any]) -> dict[str, str]:
    """Texts under the key of a draft that are none."""

    def changed(**data: Any) -> str:
        return json.dumps({**document, "data": {**document["data"], **data}})

    return {
        "not-json": "{",
        "empty": "",
        "a-list": "[1, 2, 3]",
        "null": "null",
        "no-data": json.dumps({"id": document["id"], "created_at": "2027"}),
        "wrong-types": changed(capabilities={"a": 1}, company_name=7),
        "long-name": json.dumps({**document, "name": "x" * 300_000, "data": None}),
        "huge": changed(description="x" * 4_000_000),
        "deep": "[" * 50_000,
    }


DAMAGES = tuple(damaged_drafts({"id": "", "data": {}}))


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_draft_is_left_alone_and_does_no_harm(
    company: CompanyPage, document: dict[str, Any], damage: str
) -> None:
    key, text = f"draft_company_{document['id']}", damaged_drafts(document)[damage]
    await put(company, {key: text})
    await company.open()
    words = company.page.locator("main").get_by_text("A draft in this browser cannot be read")
    await expect(words).to_be_visible()
    await expect(company.page.get_by_role("button", name="Start free")).to_be_enabled()
    assert await company.page.evaluate("key => localStorage.getItem(key)", key) == text


async def test_a_draft_cannot_reach_into_the_page(
    company: CompanyPage, document: dict[str, Any]
) -> None:
    poison = '"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, '
    key = f"draft_company_{document['id']}"
    await put(company, {key: "{" + poison + json.dumps(document)[1:]})
    await company.open()
    await company.change_item(CARD, 0, MINE)
    await company.wait_saved()
    assert await company.page.evaluate("({}).polluted ?? null") is None
    stored = await company.page.evaluate("key => localStorage.getItem(key)", key)
    assert stored.count("polluted") == 2


async def test_markup_in_a_draft_is_shown_as_text(
    company: CompanyPage, document: dict[str, Any]
) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    document["name"] = document["data"]["company_name"] = attack
    document["data"]["description"] = attack
    document["data"][CARD] = [attack]
    document["data"]["company_url"] = "javascript:alert(3)"
    for entry in document["data"]["evidence"]:
        entry |= {"quote": attack, "page_url": "javascript:alert(4)"}
    await put(company, {f"draft_company_{document['id']}": json.dumps(document)})
    await company.open()
    await expect(company.name).to_have_text(attack)
    await expect(company.statements(CARD)).to_have_text([attack])
    assert await company.page.locator("img, main script").count() == 0
    assert await company.page.locator("a[href^='javascript:']").count() == 0
    await company.edit(CARD)
    await expect(company.rows.first).to_have_value(attack)
