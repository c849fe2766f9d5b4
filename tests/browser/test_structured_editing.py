"""Structured cards in a real browser: every shape is opened, changed, saved, and read again."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from blossomer.entities import entity_config
from blossomer.entities.config import Card, EntityConfig
from tests.browser.accessibility import objections_to
from tests.browser.company_page import CompanyPage
from tests.browser.conftest import put
from tests.support.structured import full_document, put_value

SHAPES = [
    ("account", "", "strengths"),
    ("account", "", "firmographics"),
    ("account", "", "buying_signals"),
    ("persona", "", "demographics"),
    ("campaign", "email", "follow_ups"),
]
EACH_SHAPE = pytest.mark.parametrize(("entity", "kind", "key"), SHAPES, ids=lambda v: v or "-")

NASTY = "  Line one\n\n“Quotes” & <b>tags</b>, مرحبا 👩‍👩‍👧 {{first_name}}  "
STORED = "\n  Two lines end\r\nin different ways\rhere \n\n"


class Structured:
    """The page of one document with structured cards.

    Args:
        tab: A tab, not yet anywhere.
        config: The entity.
        document: The document to put into the browser and to open.
    """

    def __init__(self, tab: CompanyPage, config: EntityConfig, document: dict[str, Any]) -> None:
        self.tab, self.page, self.modal = tab, tab.page, tab.modal
        self.config, self.document = config, document

    async def open(self) -> Structured:
        """Open the document from the browser's storage."""
        key = f"draft_{self.config.entity}_{self.document['id']}"
        await put(self.tab, {key: json.dumps(self.document)})
        await self.tab.open(f"/playground/{self.config.route}/{self.document['id']}")
        await expect(self.tab.name).to_have_text(self.document["name"])
        return self

    def card(self, key: str) -> Card:
        """A card's configuration."""
        return self.config.card(key)

    async def edit(self, key: str) -> None:
        """Open a card's modal with one click."""
        await self.page.locator(f"#edit-{key}").click()
        await expect(self.modal.get_by_role("heading").first).to_have_text(self.card(key).label)

    def input(self, name: str, row: int = 0) -> Locator:
        """The input of an attribute; of a text without a name."""
        if not name:
            return self.modal.locator("textarea[name^=row-]").nth(row)
        return self.modal.locator(f"[id^=row-][id$=-{name}]").nth(row)

    async def unfold(self, row: int) -> None:
        """Open the panel of a record."""
        panel = self.modal.locator("details").nth(row)
        if await panel.get_attribute("open") is None:
            await panel.locator("summary").click()

    async def save(self) -> None:
        """Save, and wait until the browser has kept it."""
        await self.modal.get_by_role("button", name="Save").click()
        await expect(self.modal).to_have_count(0)

    async def kept(self) -> dict[str, Any]:
        """The document in the browser's storage once everything is in it."""
        await expect(self.tab.save_state).to_have_text("Saved in this browser")
        return await self.tab.draft()

    async def type_values(self, name: str, *values: str) -> None:
        """Add short values as somebody types them."""
        for value in values:
            await self.input(name).press_sequentially(value)
            await self.input(name).press("Enter")


async def structured(tab: CompanyPage, entity: str, kind: str = "", **values: Any) -> Structured:
    config = entity_config(entity)
    document = full_document(config, kind)
    for key, value in values.items():
        put_value(document["data"], config.card(key), value)
    return await Structured(tab, config, document).open()


@EACH_SHAPE
async def test_opening_and_saving_writes_nothing(
    company: CompanyPage, entity: str, kind: str, key: str
) -> None:
    config = entity_config(entity)
    document = full_document(config, kind)
    card = config.card(key)
    held = copy.deepcopy(card.value(document["data"]))
    for item in [held] if isinstance(held, dict) else held:
        if isinstance(item, dict):
            for attribute in card.attributes:
                if attribute.kind in ("text", "long_text"):
                    item[attribute.name] = STORED
                if attribute.kind == "tags":
                    item[attribute.name] = [STORED, "a, b", "<i>"]
    put_value(document["data"], card, held)
    page = await Structured(company, config, document).open()
    await page.edit(key)
    await page.save()
    await page.edit(key)
    await page.modal.locator("form").locator("summary, textarea").first.press("Control+Enter")
    await expect(page.modal).to_have_count(0)
    assert await company.draft() == page.document


@EACH_SHAPE
async def test_what_is_typed_is_there_after_a_reload_and_nothing_else_changes(
    company: CompanyPage, entity: str, kind: str, key: str
) -> None:
    page = await structured(company, entity, kind)
    card, before = page.card(key), page.document
    expected = copy.deepcopy(card.value(before["data"]))
    await page.edit(key)
    if card.shape == "texts":
        await page.input("", 1).fill(NASTY)
        expected[1] = NASTY.strip()
    else:
        row = 0 if card.shape == "record" else 1
        if card.shape != "record":
            await page.unfold(row)
        record = expected if card.shape == "record" else expected[row]
        for attribute in card.attributes:
            record[attribute.name] = await _change(page, attribute, row)
    await page.save()
    after = await page.kept()
    assert card.value(after["data"]) == expected
    for other in page.config.cards_of(kind):
        if other.key != key:
            assert other.value(after["data"]) == other.value(before["data"])
    assert after["data"]["provenance"]["edited"].keys() == {key}
    await company.reload()
    await expect(company.card(key).get_by_text("Edited by you").first).to_be_visible()
    await page.edit(key)
    await page.save()
    assert await company.draft() == after


async def _change(page: Structured, attribute: Any, row: int) -> Any:
    """Change an attribute in the modal; returns what it must be now."""
    one = page.input(attribute.name, row)
    if attribute.kind == "number":
        await one.fill(str(attribute.most))
        return attribute.most
    if attribute.kind == "choice":
        await one.select_option(attribute.options[-1])
        return attribute.options[-1]
    if attribute.kind == "choices":
        group = page.modal.get_by_role("group", name=attribute.label)
        for option in attribute.options:
            box = group.get_by_label(option, exact=True)
            await box.set_checked(option in (attribute.options[0], attribute.options[-1]))
        return [attribute.options[0], attribute.options[-1]]
    if attribute.kind == "tags":
        for chip in range(3, 0, -1):
            await page.modal.get_by_role(
                "button", name=f"Remove {attribute.label} 1.{chip}"
            ).click()
        await page.type_values(attribute.name, "First", "Zürich ' \"")
        await expect(one).to_have_value("")
        await one.fill("Not yet ended")
        return ["First", "Zürich ' \"", "Not yet ended"]
    text = NASTY if attribute.kind == "long_text" else NASTY.replace("\n", " ")
    await one.fill(text)
    return text


async def test_short_values_are_added_in_every_way(company: CompanyPage) -> None:
    page = await structured(company, "account", firmographics={"industry": ["Kept, as it is"]})
    await page.edit("firmographics")
    chips = page.modal.get_by_role("list", name="Industry").get_by_role("listitem")
    box = page.input("industry")
    await page.type_values("industry", "Enter")
    await expect(chips).to_have_text(["Kept, as it is", "Enter"])
    await expect(box).to_be_focused()
    await box.press_sequentially("Comma,and quickly on", delay=0)
    await expect(chips).to_have_text(["Kept, as it is", "Enter", "Comma"])
    await expect(box).to_have_value("and quickly on")
    await page.input("employees").focus()
    await expect(chips).to_have_text(["Kept, as it is", "Enter", "Comma", "and quickly on"])
    await expect(box).to_have_value("")
    await box.fill("Pasted\nlist, Enter,\n\n , of things")
    await expect(chips).to_have_text(
        ["Kept, as it is", "Enter", "Comma", "and quickly on", "Pasted", "list", "of things"]
    )
    await page.modal.get_by_role("button", name="Remove Comma").click()
    await page.modal.get_by_role("button", name="Remove Pasted").press("Enter")
    await expect(chips).to_have_count(5)
    await box.fill("Pending")
    await box.press("Control+Enter")
    await expect(page.modal).to_have_count(0)
    kept = (await page.kept())["data"]["firmographics"]["industry"]
    assert kept == ["Kept, as it is", "Enter", "and quickly on", "list", "of things", "Pending"]


async def test_too_many_short_values_are_said_and_not_lost(company: CompanyPage) -> None:
    page = await structured(
        company, "account", firmographics={"industry": [f"Value {n}" for n in range(39)]}
    )
    await page.edit("firmographics")
    await page.input("industry").fill("fits,\ndoes not,")
    await expect(page.modal.get_by_text("Left out: does not")).to_be_visible()
    assert await objections_to(page.page) == []


async def test_records_are_added_moved_and_deleted_without_a_mouse(company: CompanyPage) -> None:
    page = await structured(company, "persona")
    before = page.document["data"]["use_cases"]
    await page.edit("use_cases")
    modal = page.modal
    await modal.get_by_role("button", name="Move item 1 down").press("Enter")
    await expect(modal.locator("summary").first).to_contain_text(before[1]["use_case"])
    await modal.get_by_role("button", name="Delete item 3").press("Enter")
    await expect(modal.locator("details")).to_have_count(2)
    await modal.get_by_role("button", name="Add item").press("Enter")
    await expect(page.input("use_case", 2)).to_be_focused()
    await page.page.keyboard.type("A new one")
    await page.save()
    kept = (await page.kept())["data"]
    assert kept["use_cases"][:2] == [before[1], before[0]]
    assert kept["use_cases"][2] == {
        "use_case": "A new one",
        "pain_point": "",
        "capability": "",
        "desired_outcome": "",
    }
    assert len(kept["provenance"]["edited"]["use_cases"]) == 1


@pytest.mark.parametrize("key", ["use_cases", "objections"])
async def test_rows_can_be_dragged_with_the_mouse(company: CompanyPage, key: str) -> None:
    page = await structured(company, "persona")
    first, second, third = page.document["data"][key]
    await page.edit(key)
    rows = page.modal.locator("ol > li")
    await rows.nth(2).get_by_title("Drag to another place").drag_to(rows.nth(0))
    text = third if isinstance(third, str) else third["use_case"]
    await expect(rows.nth(0)).to_contain_text(text)
    await page.save()
    data = (await page.kept())["data"]
    assert data[key] == [third, first, second]
    assert data["provenance"]["edited"] == {}


async def test_what_is_missing_or_wrong_is_said_beside_the_input(company: CompanyPage) -> None:
    page = await structured(company, "campaign", "email")
    await page.edit("follow_ups")
    await page.unfold(1)
    await page.input("body", 1).fill("")
    await page.input("wait_days", 1).fill("soon")
    await page.modal.locator("summary").nth(1).click()
    await page.modal.get_by_role("button", name="Save").click()
    await expect(page.modal.get_by_text("“Body” cannot be empty.")).to_be_visible()
    await expect(page.modal.get_by_text("A whole number from 1 to 30.")).to_be_visible()
    await expect(page.input("wait_days", 1)).to_have_value("soon")
    await expect(page.input("body", 1)).to_have_attribute("aria-invalid", "true")
    assert await objections_to(page.page) == []
    await page.input("body", 1).fill("Said.")
    await page.input("wait_days", 1).fill("30")
    await page.save()
    kept = (await page.kept())["data"]["email_content"]["follow_ups"][1]
    assert (kept["body"], kept["wait_days"]) == ("Said.", 30)


async def test_leaving_with_changes_asks_in_every_kind_of_input(company: CompanyPage) -> None:
    page = await structured(company, "persona")
    await page.edit("demographics")
    await page.modal.get_by_label("Director", exact=True).check()
    await page.page.keyboard.press("Escape")
    await expect(page.modal.get_by_text("Discard your changes?")).to_be_visible()
    await page.modal.get_by_role("button", name="Keep editing").click()
    await expect(page.modal.get_by_label("Director", exact=True)).to_be_checked()
    await page.page.keyboard.press("Escape")
    await page.modal.get_by_role("button", name="Discard").click()
    await expect(page.page.locator("#edit-demographics")).to_be_focused()
    assert await company.draft() == page.document


async def test_the_length_is_counted_while_typing(company: CompanyPage) -> None:
    page = await structured(company, "campaign", "linkedin")
    await page.edit("linkedin_notes")
    await page.input("connection_note").fill("x" * 299)
    await expect(page.modal.get_by_text("299 / 300 characters")).to_be_visible()
    await page.input("connection_note").press_sequentially("yz")
    await expect(page.modal.get_by_text("301 / 300 characters: too long")).to_be_visible()
    await page.save()
    await expect(company.card("linkedin_notes").get_by_text("301 / 300")).to_be_visible()


async def test_empty_cards_open_at_the_first_click(company: CompanyPage) -> None:
    empty = {"industry": [], "geography": [], "business_model": [], "funding_stage": []}
    empty |= {"company_type": [], "keywords": []}
    texts = dict.fromkeys(("employees", "department_size", "revenue"), "")
    page = await structured(company, "account", firmographics=empty | texts, buying_signals=[])
    await company.card("firmographics").get_by_role("button", name="By which filters").click()
    await page.input("revenue").fill("$10M-$50M")
    await page.save()
    await company.card("buying_signals").get_by_role("button", name="What would show").click()
    await expect(page.input("title")).to_be_focused()
    await page.input("title").fill("A signal")
    await page.save()
    data = (await page.kept())["data"]
    assert data["firmographics"]["revenue"] == "$10M-$50M"
    assert data["buying_signals"][0]["title"] == "A signal"
    await page.page.get_by_role("button", name="Undo the last edit").click()
    await expect(company.card("buying_signals").get_by_role("listitem")).to_have_count(0)
