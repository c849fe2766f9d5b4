"""What happens between documents: several at once, several tabs, what is above, what is below."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import BrowserContext, expect

from blossomer.components.place import APP, PLAYGROUND
from blossomer.entities import ENTITIES, entity_config
from blossomer.entities.addresses import document_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.services.export.portable import read_plan
from tests.browser.document_page import DocumentPage, has_text
from tests.browser.held_model import QUICK, HeldModel
from tests.browser.keeping import Keeping, keeping_of
from tests.browser.server import Server
from tests.support.family import called, family_above, siblings
from tests.support.fault_site import FaultSite
from tests.support.fixture_site import FixtureSite

LONG = 60.0
SUGGESTED = [
    (ENTITIES[config.parents[-1].entity], config)
    for config in ENTITIES.values()
    if config.suggestions
]
WIZARD = next(config for config in ENTITIES.values() if config.form.steps)


@dataclass
class Plan:
    """Somebody's documents: two of each entity, all below the first of their parents.

    Attributes:
        keeping: Where they are kept.
        server: The product.
    """

    keeping: Keeping
    server: Server

    def tab(self, entity: str) -> DocumentPage:
        """The person's tab, on the pages of an entity."""
        config = entity_config(entity)
        return DocumentPage(self.keeping.page, self.server.url, config, self.keeping.place)

    async def another_tab(self, entity: str) -> DocumentPage:
        """A second tab of the same person."""
        page = await self.keeping.page.context.new_page()
        return DocumentPage(page, self.server.url, entity_config(entity), self.keeping.place)

    async def opened(
        self, entity: str, number: int = 1, tab: DocumentPage | None = None
    ) -> DocumentPage:
        """A tab in which a document is open."""
        tab = tab or self.tab(entity)
        document = (await self.keeping.all())[called(tab.config, number)]
        await tab.open(self.address(document))
        await expect(tab.name).to_have_text(document["name"])
        return tab

    def address(self, document: Document) -> str:
        """Where a document is."""
        config = entity_config(document["entity"])
        root = self.keeping.place.root
        return document_address(root, config, document["id"], document["parents"])

    async def of(self, config: EntityConfig) -> list[Document]:
        """All documents of an entity."""
        everything = await self.keeping.all()
        return [d for d in everything.values() if d["entity"] == config.entity]


@pytest.fixture(params=[PLAYGROUND, APP], ids=["playground", "app"])
async def plan(
    request: pytest.FixtureRequest,
    visitor: BrowserContext,
    server: Server,
    model: HeldModel,
    website: FixtureSite,
) -> AsyncIterator[Plan]:
    """A plan of somebody new, not yet looked at, on a server whose model is quick."""
    keeping = await keeping_of(request.param, visitor, server)
    known = family_above(WIZARD, website.base_url)
    await keeping.put([*known, *siblings(WIZARD, known, website.base_url)])
    yield Plan(keeping, server)
    model.seconds = QUICK


@pytest.mark.parametrize(
    ("above", "config"), SUGGESTED, ids=[config.entity for _, config in SUGGESTED]
)
async def test_suggestions_appear_one_by_one_and_can_be_stopped(
    plan: Plan, model: HeldModel, above: EntityConfig, config: EntityConfig
) -> None:
    before = len(await plan.of(config))
    # The second of each entity has nothing below it.
    tab = await plan.opened(above.entity, 2)
    section, suggestions = tab.children(config), tab.suggestions
    quick = iter([QUICK, QUICK])  # the ideas, and the first of the documents
    model.seconds = lambda _text: next(quick, LONG)
    assert config.suggestions is not None
    await section.get_by_role("button", name=config.suggestions.button).click()
    shown = section.locator("h3")
    await expect(shown).to_have_count(1)
    first = await shown.inner_text()
    going = suggestions.get_by_role("listitem")
    await expect(going.nth(config.suggestions.fewest - 1)).to_be_visible()
    if plan.keeping.place.has_account:
        await tab.reload()
        await expect(shown).to_have_text([first])
        await expect(going.nth(config.suggestions.fewest - 1)).to_be_visible()
    await section.get_by_role("button", name="Stop suggesting").click()
    await expect(suggestions).to_have_count(0)
    await expect(shown).to_have_text([first])
    assert len(await plan.of(config)) == before + 1

    model.seconds = QUICK
    await section.get_by_role("button", name=config.suggestions.button).click()
    await expect(shown.nth(config.suggestions.fewest - 1)).to_be_visible()
    await expect(suggestions).to_have_count(0)
    await tab.reload()
    await expect(shown).to_have_count(len(await plan.of(config)) - before)


async def test_what_would_replace_words_of_a_person_is_proposed(
    plan: Plan, model: HeldModel
) -> None:
    config, card = next(
        (config, card)
        for config in ENTITIES.values()
        for card in config.cards
        if card.shape == "record" and has_text(card)
    )
    tab = await plan.opened(config.entity)
    content = tab.card(card.key).locator("dd")
    await tab.change_record(card, "Words of mine")
    await tab.wait_saved()
    mine = await content.all_inner_texts()
    for answer in ("Keep mine", "Use the new version"):
        await tab.rewrite(card.key)
        proposal = tab.proposals.get_by_role("heading", name=f"A new version of {card.label}")
        await expect(proposal).to_be_visible()
        assert await content.all_inner_texts() == mine
        await tab.proposals.get_by_role("button", name=answer).click()
        await expect(tab.proposals).to_have_count(0)
        await tab.wait_saved()
        if answer == "Keep mine":
            await tab.reload()
            await expect(tab.proposals).to_have_count(0)
            assert await content.all_inner_texts() == mine
    await expect(tab.card(card.key).get_by_text("Words of mine")).to_have_count(0)
    await tab.page.get_by_role("button", name="Undo the last edit").click()
    await expect(content).to_have_text(mine, use_inner_text=True)
    await tab.wait_saved()
    await tab.reload()
    await expect(content).to_have_text(mine, use_inner_text=True)


async def test_a_generation_that_is_left_is_there_when_one_comes_back(
    plan: Plan, model: HeldModel
) -> None:
    tab = plan.tab(WIZARD.parents[0].entity)
    config = tab.config
    await tab.open()
    await tab.begin()
    await tab.fill(answers={"name": "Written while I was away"})
    with model.held_after(config.cards[0].at[0]):
        await tab.send()
        await expect(tab.progress).to_be_visible()
        await tab.open_list()
        await expect(tab.row(called(config, 1))).to_be_visible()
        await tab.page.get_by_role("link", name=f"New {config.label.lower()}").click()
        await expect(tab.progress).to_be_visible()
        await tab.open_list()
        await expect(tab.row(called(config, 1))).to_be_visible()
    # Written though nobody looked, and listed when it is.
    await expect(tab.row("Written while I was away")).to_be_visible()


async def test_a_name_changed_in_one_tab_shows_in_the_other(plan: Plan) -> None:
    tab = await plan.opened(WIZARD.parents[0].entity)
    other = await plan.opened(WIZARD.entity, tab=await plan.another_tab(WIZARD.entity))
    listed = await plan.another_tab(WIZARD.parents[-1].entity)
    await listed.open()
    await tab.rename("Another name")
    await expect(other.crumbs.get_by_role("link", name="Another name")).to_be_visible()
    await expect(listed.row(called(listed.config, 1))).to_contain_text("Another name")


async def test_the_wizard_says_what_is_missing_and_forgets_nothing(plan: Plan) -> None:
    tab = plan.tab(WIZARD.entity)
    form = tab.form
    await tab.open()
    await tab.begin()
    required = next(f for f in WIZARD.form.fields if f.required and f.kind == "choice")
    # The second account has no persona, so it is not the one that is chosen at first.
    for parent in WIZARD.parents[:-1]:
        first = (await plan.keeping.all())[called(entity_config(parent.entity), 1)]
        await expect(tab.parent_choice(parent.entity)).to_have_value(first["id"])
    await form.get_by_role("button", name="Next").click()
    await expect(form.get_by_role("alert")).to_have_text(f"Choose first: {required.label.lower()}.")
    typed = next(
        f
        for f in WIZARD.form.fields
        if f.kind == "textarea" and f.when is None and f.step == WIZARD.form.steps[-1].key
    )
    await tab.fill(answers={typed.name: "Typed and not forgotten"})
    for _ in WIZARD.form.steps[1:]:
        await form.get_by_role("button", name="Back").click()
    await expect(form.get_by_role("alert")).to_have_count(0)
    await expect(tab.option(required.name, required.options[0].value)).to_be_checked()
    for _ in WIZARD.form.steps[1:]:
        await tab.next_step()
    await expect(form.locator(f"[name={typed.name}]")).to_have_value("Typed and not forgotten")


async def test_a_generation_that_fails_leaves_the_form_as_it_was(
    plan: Plan, broken_website: FaultSite
) -> None:
    broken = family_above(WIZARD, f"{broken_website.base_url}/status/500", count=1)
    names = {}
    for document in broken:
        document["name"] = names[document["entity"]] = f"Unreachable {document['entity']}"
        document["data"][entity_config(document["entity"]).name_field] = document["name"]
    await plan.keeping.put(broken)
    tab = plan.tab(WIZARD.entity)
    await tab.open()
    await tab.begin()
    typed = next(f for f in WIZARD.form.fields if f.kind == "textarea" and f.when is None)
    chosen = {parent.entity: names[parent.entity] for parent in WIZARD.parents}
    await tab.fill(names=chosen, answers={typed.name: "Typed before it failed"})
    await tab.send()
    await expect(tab.failure).to_be_visible()
    for field in WIZARD.form.fields:
        if field.required and field.kind == "choice" and field.when is None:
            await expect(tab.option(field.name, field.options[0].value)).to_be_checked()
    await expect(tab.form.locator(f"[name={typed.name}]")).to_have_value("Typed before it failed")
    await tab.failure.get_by_role("button", name="Dismiss").click()
    await expect(tab.failure).to_have_count(0)
    await expect(tab.form.locator(f"[name={typed.name}]")).to_have_value("Typed before it failed")


async def test_what_is_not_there_is_said(plan: Plan) -> None:
    root = plan.keeping.place.root
    for config in ENTITIES.values():
        tab = plan.tab(config.entity)
        for key in ("00000000-0000-4000-8000-000000000000", "nonsense"):
            await tab.open(document_address(root, config, key, {}))
            await expect(tab.not_found).to_be_visible()
        if config.is_nested:
            above = ENTITIES[config.parents[-1].entity]
            wrong = (await plan.keeping.all())[called(above, 2)]
            document = (await plan.keeping.all())[called(config, 1)]
            await tab.open(
                document_address(root, config, document["id"], {above.entity: wrong["id"]})
            )
            await expect(tab.not_found).to_be_visible()


async def test_a_child_that_is_open_elsewhere_goes_and_comes_back(plan: Plan) -> None:
    above = WIZARD.parents[0].entity
    child = await plan.opened(WIZARD.entity, tab=await plan.another_tab(WIZARD.entity))
    tab = await plan.opened(above)
    address = tab.page.url
    await tab.ask_to_delete()
    await tab.confirm_deletion()
    await expect(child.not_found).to_be_visible()
    await tab.page.wait_for_url(lambda url: url != address)
    await tab.undo_deletion()
    # The heading alone may still be that of before the deletion.
    await tab.page.wait_for_url(address)
    await expect(tab.name).to_have_text(called(tab.config, 1))
    await expect(child.name).to_have_text(called(WIZARD, 1))
    await child.reload()
    await expect(child.name).to_have_text(called(WIZARD, 1))


async def test_all_that_is_below_goes_and_comes_back(plan: Plan) -> None:
    top = next(config for config in ENTITIES.values() if not config.parents)
    before = await plan.keeping.all()
    tab = await plan.opened(top.entity)
    await tab.ask_to_delete()
    for config in ENTITIES.values():
        if config.parents and (count := len(await plan.of(config))):
            label = config.label if count == 1 else config.label_plural
            await expect(tab.modal).to_contain_text(f"{count} {label.lower()}")
    await tab.confirm_deletion()
    await expect(tab.name).to_have_text(called(top, 2))
    assert (await plan.keeping.all()).keys() == {called(top, 2)}
    await tab.undo_deletion()
    await expect(tab.name).to_have_text(called(top, 1))
    assert await plan.keeping.all() == before


@pytest.mark.parametrize("whole", [False, True], ids=["alone", "whole"])
async def test_a_document_can_be_taken_out(plan: Plan, whole: bool) -> None:
    tab = await plan.opened(WIZARD.parents[0].entity)
    name = called(tab.config, 1)
    below = called(entity_config(WIZARD.parents[1].entity), 1)
    file, content = await tab.export("docx", whole=whole)
    assert file.endswith(".docx")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("word/document.xml").decode()
    assert name in text
    assert (below in text) == whole
    file, content = await tab.export("markdown", whole=whole)
    assert file.endswith(".md")
    assert (name in content.decode(), below in content.decode()) == (True, whole)
    file, content = await tab.export("csv-apollo", whole=whole)
    if whole:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(each) for each in archive.namelist())
    assert (name in content.decode(), below in content.decode()) == (True, whole)
    file, content = await tab.export("json", whole=whole)
    assert file.endswith(".json")
    found = {document["name"] for _, document in read_plan(content)}
    assert name in found
    assert (below in found) == whole
