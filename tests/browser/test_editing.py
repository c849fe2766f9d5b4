"""Changing a company by hand, and what becomes of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.company_page import CARDS, LABELS, CompanyPage
from tests.browser.conftest import put
from tests.browser.held_model import HeldModel

CARD, OTHER = "capabilities", "objections"
MINE = "Night shift: the board stays readable when the lights are low, as we know from Gdańsk."


async def test_a_changed_item_is_there_after_a_reload(opened: CompanyPage) -> None:
    await opened.change_item(CARD, 0, MINE)
    await expect(opened.statements(CARD).first).to_have_text(MINE)
    item = opened.card(CARD).get_by_role("listitem").first
    await expect(item.get_by_text("Edited by you")).to_be_visible()
    await opened.wait_saved()
    await opened.reload()
    await expect(opened.statements(CARD).first).to_have_text(MINE)
    await expect(item.get_by_text("Edited by you")).to_be_visible()


async def test_an_edit_writes_what_was_changed_and_nothing_else(opened: CompanyPage) -> None:
    before = await opened.draft()
    await opened.change_item(CARD, 1, MINE)
    await opened.wait_saved()
    expected = copy.deepcopy(before)
    expected["data"][CARD][1] = MINE
    expected["data"]["provenance"]["edited"][CARD] = [MINE]
    after = await opened.draft()
    assert after.pop("updated_at") > expected.pop("updated_at")
    assert after == expected


async def test_fields_that_this_version_does_not_know_survive_an_edit(
    company: CompanyPage, document: dict[str, Any]
) -> None:
    document["from_a_later_version"] = {"kept": [1, 2, 3]}
    document["data"]["later_field"] = "also kept"
    await put(company, {f"draft_company_{document['id']}": json.dumps(document)})
    await company.open()
    await company.change_item(CARD, 0, MINE)
    await company.wait_saved()
    after = await company.draft()
    assert after["from_a_later_version"] == {"kept": [1, 2, 3]}
    assert after["data"]["later_field"] == "also kept"


async def test_items_can_be_added_deleted_and_moved_with_the_mouse(opened: CompanyPage) -> None:
    first, second, _third, *rest = await opened.texts(CARD)
    await opened.edit(CARD)
    await opened.modal.get_by_role("button", name="Move item 1 down").click()
    await expect(opened.rows.first).to_have_value(second)
    await opened.modal.get_by_role("button", name="Delete item 3").click()
    await expect(opened.rows).to_have_count(2 + len(rest))
    await opened.modal.get_by_role("button", name="Add item").click()
    await expect(opened.rows.last).to_be_focused()
    await opened.rows.last.fill(MINE)
    await opened.save()
    await expect(opened.statements(CARD)).to_have_text([second, first, *rest, MINE])
    await opened.wait_saved()
    await opened.reload()
    assert await opened.texts(CARD) == [second, first, *rest, MINE]


async def test_a_move_keeps_what_was_typed_before_it(opened: CompanyPage) -> None:
    _, second, *rest = await opened.texts(CARD)
    await opened.edit(CARD)
    await opened.rows.first.fill(MINE)
    await opened.modal.get_by_role("button", name="Move item 1 down").click()
    await expect(opened.rows.first).to_have_value(second)
    await opened.modal.get_by_role("button", name="Add item").click()
    await expect(opened.rows).to_have_count(len(rest) + 3)
    await opened.save()
    await expect(opened.statements(CARD)).to_have_text([second, MINE, *rest])


async def test_everything_can_be_done_with_the_keyboard_alone(opened: CompanyPage) -> None:
    first, second, *rest = await opened.texts(CARD)
    page = opened.page
    pencil = opened.card(CARD).get_by_role("button", name=f"Edit {LABELS[CARD]}")
    await pencil.focus()
    await page.keyboard.press("Enter")
    await expect(opened.modal).to_be_visible()
    await tab_to(opened, opened.modal.get_by_role("button", name="Move item 2 up"))
    await page.keyboard.press("Enter")
    await expect(opened.rows.first).to_have_value(second)
    await tab_to(opened, opened.modal.get_by_role("button", name="Add item"))
    await page.keyboard.press("Enter")
    await expect(opened.rows.last).to_be_focused()
    await page.keyboard.type("Typed by hand")
    await tab_to(opened, opened.modal.get_by_role("button", name="Save"))
    await page.keyboard.press("Enter")
    await expect(opened.modal).to_have_count(0)
    await expect(opened.statements(CARD)).to_have_text([second, first, *rest, "Typed by hand"])
    await expect(pencil).to_be_focused()


async def test_every_card_opens_at_the_first_click(opened: CompanyPage) -> None:
    for key in CARDS:
        await opened.edit(key)
        await expect(opened.modal.get_by_role("heading")).to_have_text(LABELS[key])
        assert [await row.input_value() for row in await opened.rows.all()] == await opened.texts(
            key
        )
        await opened.page.keyboard.press("Escape")
        await expect(opened.modal).to_have_count(0)


async def test_leaving_with_changes_asks_first(opened: CompanyPage) -> None:
    before = await opened.draft()
    await opened.edit(CARD)
    await opened.rows.first.press_sequentially("x")
    await opened.page.keyboard.press("Escape")
    question = opened.modal.get_by_role("alert")
    await expect(question).to_contain_text("Discard your changes?")
    await opened.modal.get_by_role("button", name="Keep editing").click()
    await expect(question).to_have_count(0)
    assert (await opened.rows.first.input_value()) != before["data"][CARD][0]
    await opened.modal.get_by_role("button", name="Close").click()
    await expect(question).to_be_visible()
    await opened.modal.get_by_role("button", name="Discard").click()
    await expect(opened.modal).to_have_count(0)
    assert await opened.draft() == before
    assert await opened.texts(CARD) == before["data"][CARD]


async def test_an_emptied_card_opens_again(opened: CompanyPage) -> None:
    await opened.edit(CARD)
    while await opened.rows.count():
        count = await opened.rows.count()
        await opened.modal.get_by_role("button", name="Delete item 1", exact=True).click()
        await expect(opened.rows).to_have_count(count - 1)
    await opened.save()
    await expect(opened.statements(CARD)).to_have_count(0)
    await opened.wait_saved()
    await opened.reload()
    await opened.card(CARD).get_by_role("button", name="What does the product do").click()
    await expect(opened.rows).to_have_count(1)
    await opened.rows.first.fill(MINE)
    await opened.save()
    await expect(opened.statements(CARD)).to_have_text([MINE])


async def test_name_and_description_can_be_changed(opened: CompanyPage) -> None:
    before = await opened.draft()
    await opened.page.get_by_role("button", name="Edit name and description").click()
    await opened.modal.get_by_label("Name").fill("Quayline & Söhne <b>")
    await opened.modal.get_by_label("Description").fill("Ours.")
    await opened.save()
    await expect(opened.name).to_have_text("Quayline & Söhne <b>")
    await opened.wait_saved()
    after = await opened.draft()
    assert (after["name"], after["data"]["company_name"]) == ("Quayline & Söhne <b>",) * 2
    assert after["data"]["description"] == "Ours."
    for key in CARDS:
        assert after["data"][key] == before["data"][key]
    await opened.reload()
    await expect(opened.name).to_have_text("Quayline & Söhne <b>")
    await expect(opened.page.get_by_text("Ours.", exact=True)).to_be_visible()


async def test_writing_another_card_again_leaves_the_edit_alone(
    opened: CompanyPage, model: HeldModel
) -> None:
    await opened.change_item(CARD, 0, MINE)
    await opened.wait_saved()
    before = await opened.draft()
    model.replacements[OTHER] = ["Price: a new doubt about it.", "Fit: another one.", "Time: ours."]
    await opened.rewrite(OTHER)
    await expect(opened.statements(OTHER)).to_have_text(model.replacements[OTHER])
    await opened.wait_written()
    after = await opened.draft()
    for key in CARDS:
        if key != OTHER:
            assert json.dumps(after["data"][key]) == json.dumps(before["data"][key])
    assert after["data"][OTHER] == model.replacements[OTHER]
    assert after["data"]["provenance"]["edited"] == before["data"]["provenance"]["edited"]
    for name in ("company_name", "description", "company_url"):
        assert after["data"][name] == before["data"][name]


async def test_writing_the_edited_card_again_keeps_the_edit_word_for_word(
    opened: CompanyPage, model: HeldModel
) -> None:
    await opened.change_item(CARD, 1, MINE)
    await opened.wait_saved()
    model.replacements[CARD] = ["One: new.", "Two: new.", "Three: new."]
    await opened.rewrite(CARD)
    await expect(opened.statements(CARD)).to_contain_text(["One: new."])
    await opened.wait_written()
    texts = await opened.texts(CARD)
    assert texts[:2] == ["One: new.", MINE]
    assert set(texts) == {"One: new.", "Two: new.", "Three: new.", MINE}
    item = opened.card(CARD).get_by_role("listitem").nth(1)
    await expect(item.get_by_text("Edited by you")).to_be_visible()


async def test_the_question_before_deleting_closes_with_escape(opened: CompanyPage) -> None:
    button = opened.page.locator("button[aria-label=Delete]")
    question = opened.modal.get_by_role("button", name="Delete", exact=True)
    await button.click()
    await expect(question).to_be_visible()
    await opened.page.keyboard.press("Escape")
    await expect(question).to_be_hidden()
    await expect(button).to_be_focused()
    await button.click()
    await expect(opened.modal.locator(":focus")).to_be_attached()
    # From the next turn of the browser's loop on it listens for clicks outside.
    await opened.page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    await opened.page.mouse.click(5, 400)
    await expect(question).to_be_hidden()


async def test_a_draft_is_deleted_only_when_asked_twice(opened: CompanyPage) -> None:
    await opened.page.locator("button[aria-label=Delete]").click()
    assert len(await opened.drafts()) == 1
    await opened.modal.get_by_role("button", name="Delete", exact=True).click()
    await expect(opened.page.get_by_role("heading", name="No company yet")).to_be_visible()
    assert await opened.drafts() == {}


async def test_what_was_deleted_can_be_had_back(opened: CompanyPage) -> None:
    before = await opened.draft()
    await opened.page.locator("button[aria-label=Delete]").click()
    await opened.modal.get_by_role("button", name="Delete", exact=True).click()
    await expect(opened.page.get_by_role("heading", name="No company yet")).to_be_visible()
    await opened.page.get_by_role("button", name="Undo", exact=True).click()
    await expect(opened.name).to_have_text(before["name"])
    assert await opened.draft() == before


async def test_a_draft_can_be_downloaded(opened: CompanyPage) -> None:
    await opened.page.get_by_test_id("export").click()
    async with opened.page.expect_download() as event:
        await opened.page.get_by_role("button", name="JSON, to import again").first.click()
    path = await (await event.value).path()
    documents = json.loads(path.read_text("utf-8"))["documents"]
    assert [document["data"] for document in documents] == [(await opened.draft())["data"]]


async def tab_to(company: CompanyPage, target: Any) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await company.page.keyboard.press("Tab")
    pytest.fail("The element cannot be reached with the Tab key")
