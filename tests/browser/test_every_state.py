"""No state of any entity's pages has a barrier, in either theme, on a large or a small screen.

Derived from the configuration, as the journey is. ``SCREENSHOTS_DIR=folder`` keeps pictures.
"""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from blossomer.components.cards.card_for import is_wide
from blossomer.components.place import PLAYGROUND
from blossomer.entities import ENTITIES, children_of
from blossomer.entities.addresses import NEW, document_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from tests.browser.accessibility import objections_to
from tests.browser.document_page import DocumentPage, has_text
from tests.browser.held_model import QUICK, HeldModel
from tests.browser.keeping import keeping_of
from tests.browser.server import Server
from tests.support.family import called, family_above, first_parents, member, siblings
from tests.support.fixture_site import FixtureSite

LONG = 60.0


class States:
    """Looks at one state after the other, in the four looks by turns.

    Args:
        tab: The tab.
    """

    def __init__(self, tab: DocumentPage) -> None:
        self.tab, self.found = tab, dict[str, list[str]]()

    async def look(self, name: str, within: str = "html") -> None:
        """Look at the page as it is now."""
        self.found[name] = await objections_to(
            self.tab.page,
            turn=len(self.found),
            within=within,
            name=f"{self.tab.config.entity}-{name}",
        )

    def objections(self) -> dict[str, list[str]]:
        """What was wrong, by state."""
        return {name: objections for name, objections in self.found.items() if objections}


async def _asked_for(tab: DocumentPage, states: States, website: str) -> None:
    """The form, step by step."""
    config = tab.config
    if not config.form.steps:
        await states.look("form")
        await tab.fill(website)
        return
    await tab.form.get_by_role("button", name="Next").click()
    await expect(tab.form.get_by_role("alert")).to_be_visible()
    await states.look("form-1-missing")
    await tab.fill(website)
    for number in range(len(config.form.steps), 1, -1):
        await states.look(f"form-{number}")
        await tab.form.get_by_role("button", name="Back").click()
    await states.look("form-1")
    await tab.fill(website)


@pytest.mark.parametrize("config", ENTITIES.values(), ids=lambda config: config.entity)
async def test_no_state_before_there_is_a_document_has_a_barrier(
    visitor: BrowserContext,
    server: Server,
    model: HeldModel,
    website: FixtureSite,
    config: EntityConfig,
) -> None:
    keeping = await keeping_of(PLAYGROUND, visitor, server)
    tab = DocumentPage(keeping.page, server.url, config, PLAYGROUND)
    states, page = States(tab), keeping.page
    await tab.open()
    await states.look("empty")
    if config.parents:
        await tab.open(f"{tab.path}/{NEW}")
        await states.look("form-without-a-parent")
    known = family_above(config, website.base_url)
    await keeping.put(known)
    await tab.open(f"{tab.path}/{NEW}" if config.parents else tab.path)
    await _asked_for(tab, states, website.base_url)
    with model.held_after(config.cards[0].at[0]):
        await tab.send()
        await expect(tab.content(config.cards[0].key).first).to_be_visible()
        await states.look("generating")
    await tab.wait_written()
    if config.parents:
        await keeping.put(siblings(config, known, website.base_url))
        await tab.open()
        await expect(tab.names).to_have_count(3)
        await states.look("list")
        await tab.search("nothing like it")
        await expect(page.get_by_text("Nothing matches.")).to_be_visible()
        await states.look("no-match")
    assert states.objections() == {}


@pytest.mark.parametrize("config", ENTITIES.values(), ids=lambda config: config.entity)
async def test_no_state_of_a_document_has_a_barrier(
    visitor: BrowserContext,
    server: Server,
    model: HeldModel,
    website: FixtureSite,
    config: EntityConfig,
) -> None:
    keeping = await keeping_of(PLAYGROUND, visitor, server)
    tab = DocumentPage(keeping.page, server.url, config, PLAYGROUND)
    states, page = States(tab), keeping.page
    known = family_above(config, website.base_url)
    parents = first_parents(config, known)
    documents = {
        kind: member(config, called(config, n), known, parents, website=website.base_url, kind=kind)
        for n, kind in enumerate([kind.value for kind in config.kinds] or [""], start=1)
    }
    for document in documents.values():
        for entity in document["data"]["basis"].values():
            entity["description"] = "another"  # what is above has changed since
    await keeping.put([*known, *documents.values()])
    edited = set[tuple[object, ...]]()
    for kind, document in documents.items():
        await tab.open(_address(config, document))
        await expect(tab.name).to_have_text(document["name"])
        await states.look(f"document-{kind}")
        for card in config.cards_of(kind):
            if (card.shape, card.record, card.limit) in edited:
                continue  # an editor like one that has been looked at
            edited.add((card.shape, card.record, card.limit))
            await tab.edit(card.key)
            if await tab.modal.locator("details").count():
                await tab.modal.locator("summary").first.click()
            await states.look(f"editor-{card.key}", "[role=dialog]")
            await page.keyboard.press("Escape")
            await expect(tab.modal).to_have_count(0)
    records = [one for one in config.cards_of(kind) if one.shape == "record"]
    for record in [one for one in records if has_text(one) and not is_wide(one)][:1]:
        await tab.change_record(record, "Words of mine")
        await tab.rewrite(record.key)
        await expect(tab.proposals).to_be_visible()
        await states.look("proposal")
    for child in children_of(config.entity):
        if child.suggestions is None:
            continue
        quick = iter([QUICK, QUICK])
        model.seconds = lambda _text, quick=quick: next(quick, LONG)
        await tab.children(child).get_by_role("button", name=child.suggestions.button).click()
        await expect(tab.children(child).locator("h3")).to_have_count(1)
        await states.look("suggesting")
        await tab.children(child).get_by_role("button", name="Stop suggesting").click()
        await expect(tab.suggestions).to_have_count(0)
        model.seconds = QUICK
    if config.parents:
        await page.get_by_role("button", name="Change the choices").click()
        await expect(tab.form).to_be_visible()
        await states.look("choices-again")
        await page.get_by_role("button", name="Leave it as it is").click()
    await tab.ask_to_delete()
    await states.look("deletion", "[role=dialog]")
    await tab.confirm_deletion()
    await expect(page.get_by_test_id("deleted")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await states.look("deleted")
    assert states.objections() == {}


def _address(config: EntityConfig, document: Document) -> str:
    return document_address(PLAYGROUND.root, config, document["id"], document["parents"])
