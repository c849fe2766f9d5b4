"""Two tabs of one browser: nobody's work is lost, and both show the same."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.company_page import CompanyPage

CARD, OTHER = "capabilities", "objections"


@pytest.fixture
async def second(opened: CompanyPage) -> CompanyPage:
    """Another tab with the same company."""
    tab = CompanyPage(await opened.page.context.new_page(), opened.url)
    await tab.open()
    await expect(tab.statements(CARD)).to_have_text(await opened.texts(CARD))
    return tab


async def test_an_edit_appears_in_the_other_tab(opened: CompanyPage, second: CompanyPage) -> None:
    await opened.change_item(CARD, 0, "From the first tab.")
    await expect(second.statements(CARD).first).to_have_text("From the first tab.")
    await second.change_item(CARD, 0, "And back from the second.")
    await expect(opened.statements(CARD).first).to_have_text("And back from the second.")


async def test_edits_of_different_fields_at_the_same_moment_both_survive(
    opened: CompanyPage, second: CompanyPage
) -> None:
    for turn in range(4):
        await asyncio.gather(opened.edit(CARD), second.edit(OTHER))
        await opened.rows.first.fill(f"First tab, turn {turn}.")
        await second.rows.first.fill(f"Second tab, turn {turn}.")
        await asyncio.gather(opened.save(), second.save())
        for tab in (opened, second):
            await expect(tab.statements(CARD).first).to_have_text(f"First tab, turn {turn}.")
            await expect(tab.statements(OTHER).first).to_have_text(f"Second tab, turn {turn}.")
            await tab.wait_saved()
    data = (await opened.draft())["data"]
    assert data[CARD][0] == "First tab, turn 3."
    assert data[OTHER][0] == "Second tab, turn 3."
    assert data["provenance"]["edited"].keys() == {CARD, OTHER}
    await opened.reload()
    assert await opened.all_texts() == await second.all_texts()


async def test_a_change_elsewhere_does_not_touch_an_open_modal(
    opened: CompanyPage, second: CompanyPage
) -> None:
    await second.edit(OTHER)
    await second.rows.first.fill("Still being typed")
    await opened.change_item(CARD, 0, "From the first tab.")
    await expect(second.statements(CARD).first).to_have_text("From the first tab.")
    await expect(second.rows.first).to_have_value("Still being typed")
    await second.save()
    await second.wait_saved()
    # Asked in the tab that wrote: another process of the browser learns of it a little later.
    data = (await second.draft())["data"]
    assert (data[CARD][0], data[OTHER][0]) == ("From the first tab.", "Still being typed")


async def test_deleting_in_one_tab_shows_in_the_other(
    opened: CompanyPage, second: CompanyPage
) -> None:
    await opened.page.locator("button[aria-label=Delete]").click()
    await opened.modal.get_by_role("button", name="Delete", exact=True).click()
    for tab in (opened, second):
        await expect(tab.page.get_by_role("heading", name="No company yet")).to_be_visible()
    assert await opened.drafts() == {}


async def test_a_company_written_in_one_tab_appears_in_an_empty_other(
    company: CompanyPage, website: object
) -> None:
    other = CompanyPage(await company.page.context.new_page(), company.url)
    await other.open()
    await expect(other.page.get_by_role("heading", name="No company yet")).to_be_visible()
    await company.open()
    await company.submit(website.base_url)  # type: ignore[attr-defined]
    await company.wait_written()
    await expect(other.statements(CARD)).to_have_text(await company.texts(CARD))


async def test_news_from_another_tab_does_not_hide_an_edit_on_its_way(opened: CompanyPage) -> None:
    await opened.edit(CARD)
    await opened.rows.first.fill("Written here.")
    await opened.modal.get_by_role("button", name="Save").evaluate(
        """(button, card) => {
          // In one step: this page sends its edit, and another tab has just written to the draft.
          const key = Object.keys(localStorage).find((k) => k.startsWith("draft_"));
          const document = JSON.parse(localStorage.getItem(key));
          document.data[card][0] = "Written elsewhere.";
          const newValue = JSON.stringify(document);
          localStorage.setItem(key, newValue);
          button.click();
          const news = { key, newValue, storageArea: localStorage };
          window.dispatchEvent(new StorageEvent("storage", news));
        }""",
        OTHER,
    )
    await expect(opened.statements(OTHER).first).to_have_text("Written elsewhere.")
    await expect(opened.statements(CARD).first).to_have_text("Written here.")
    await opened.wait_saved()
    data = (await opened.draft())["data"]
    assert (data[CARD][0], data[OTHER][0]) == ("Written here.", "Written elsewhere.")
