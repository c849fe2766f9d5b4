"""The same browser journey over all entities, in the playground and in the app.

Nothing here knows an entity: what is asked, chosen, looked at and changed follows from its
configuration. One that is added to the registry makes the journey without a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from blossomer.components.cards.card_for import is_wide
from blossomer.components.place import APP, PLAYGROUND, Place
from blossomer.entities import ENTITIES, above, children_of
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import Document
from tests.browser.document_page import DocumentPage, has_text
from tests.browser.held_model import HeldModel
from tests.browser.keeping import Keeping, keeping_of
from tests.browser.server import Server
from tests.support.family import called, family_above, siblings
from tests.support.fixture_site import FixtureSite

OWN_WORDS = "Zephyrine words of my own, to the letter."
OWN_RECORD = "My own entry"
RENAMED = "Renamed on the way"


@dataclass(frozen=True)
class Beginning:
    """What a journey needs that is the same for all.

    Attributes:
        server: The product.
        model: What writes.
        website: Address of a website to write from.
    """

    server: Server
    model: HeldModel
    website: str


@pytest.fixture
def beginning(server: Server, model: HeldModel, website: FixtureSite) -> Beginning:
    """The product with a model, and a website."""
    return Beginning(server, model, website.base_url)


@pytest.mark.parametrize("place", [PLAYGROUND, APP], ids=["playground", "app"])
@pytest.mark.parametrize("config", ENTITIES.values(), ids=lambda config: config.entity)
async def test_the_journey(
    beginning: Beginning, visitor: BrowserContext, config: EntityConfig, place: Place
) -> None:
    keeping = await keeping_of(place, visitor, beginning.server)
    journey = Journey(keeping, beginning, config)
    await journey.look_at_what_is_there()
    await journey.ask_for_one()
    await journey.watch_it_being_written()
    await journey.look_at_it()
    await journey.edit_it()
    await journey.write_a_card_again()
    await journey.write_what_is_below()
    await journey.rename_it()
    await journey.change_what_is_above()
    await journey.find_it_in_the_list()
    await journey.delete_it_and_have_it_back()


class Journey:
    """One way through the pages of an entity.

    Args:
        keeping: Whose documents.
        beginning: The product and what it works with.
        config: The entity.
    """

    def __init__(self, keeping: Keeping, beginning: Beginning, config: EntityConfig) -> None:
        self.keeping, self.config = keeping, config
        self.model, self.website = beginning.model, beginning.website
        self.tab = DocumentPage(keeping.page, beginning.server.url, config, keeping.place)
        self.page = keeping.page
        self.name = ""
        self.children: dict[str, str] = {}
        kind = config.kinds[0].value if config.kinds else ""
        self.cards = config.cards_of(kind)
        self.text_card = next(card for card in self.cards if card.shape == "texts")
        # What is written in on the page itself has tests of its own.
        self.structured = [card for card in self.cards if has_text(card) and not is_wide(card)]

    async def look_at_what_is_there(self) -> None:
        """Documents that were written before are listed."""
        known = family_above(self.config, self.website)
        await self.keeping.put([*known, *siblings(self.config, known, self.website)])
        await self.tab.open()
        names = [called(self.config, number) for number in (1, 2)]
        if self.config.parents:
            await expect(self.tab.names).to_have_count(len(names))
            for name in names:
                await expect(self.tab.row(name)).to_be_visible()
        else:
            await expect(self.tab.name).to_have_text(names[-1])
            await self.tab.open_row(names[0])

    async def ask_for_one(self) -> None:
        """The form, with the parents chosen and everything that it must know."""
        await self.tab.begin()
        nearest = {parent.entity: called(ENTITIES[parent.entity], 1) for parent in self._parents}
        await self.tab.fill(self.website, names=nearest)

    async def watch_it_being_written(self) -> None:
        """True progress: the writing is under way while only the first card is there."""
        first, rest = self.cards[0], self.cards[-1]
        with self.model.held_after(first.at[0]):
            await self.tab.send()
            writing = next(stage.label for stage in self.config.stages if stage.key == "write")
            await expect(self.tab.stage(writing)).to_be_visible()
            await expect(self._content(first).first).to_be_visible()
            await expect(self._content(rest)).to_have_count(0)
        await self.tab.wait_written()
        self.name = await self.tab.name.inner_text()
        assert self.name in await self.keeping.all()

    async def look_at_it(self) -> None:
        """The way to it is shown, and something stands on every card."""
        for entity in above(self.config.entity):
            link = self.tab.crumbs.get_by_role("link", name=called(entity, 1), exact=True)
            await expect(link).to_be_visible()
        for card in self.cards:
            await expect(self._content(card).first).to_be_visible()

    async def edit_it(self) -> None:
        """What is changed is there after a reload, and nothing else has changed."""
        await self.tab.change_item(self.text_card.key, 0, OWN_WORDS)
        for card in self.structured[:1]:
            await self.tab.change_record(card, OWN_RECORD)
        await self.tab.wait_saved()
        texts, document = await self._texts(), await self._document()
        await self.tab.reload()
        await expect(self.tab.statements(self.text_card.key).first).to_have_text(OWN_WORDS)
        assert await self._texts() == texts
        assert await self._document() == document
        for card in self.structured[:1]:
            await expect(self.tab.card(card.key).get_by_text(OWN_RECORD)).to_be_visible()

    async def write_a_card_again(self) -> None:
        """What a person wrote stays word for word in its place, whatever is written beside it."""
        key = self.text_card.key
        self.model.replacements[key] = ["New: one.", "New: two.", "New: three."]
        await self.tab.rewrite(key)
        await expect(self.tab.statements(key).nth(1)).to_have_text("New: one.")
        await expect(self.tab.statements(key).first).to_have_text(OWN_WORDS)
        await self.tab.wait_written()

    async def write_what_is_below(self) -> None:
        """One document of each entity below, asked for on the page of this one."""
        for child in children_of(self.config.entity):
            opened = await self.tab.begin_child(child)
            await opened.fill(names={self.config.entity: self.name})
            await opened.send()
            await opened.wait_written()
            self.children[child.entity] = await opened.name.inner_text()
            await opened.open_parent(self.config.entity, self.name)

    async def rename_it(self) -> None:
        """The new name stands in the heading, and on the way to what is below."""
        await self.tab.rename(RENAMED)
        await self.tab.wait_saved()
        self.name = RENAMED
        for entity, name in self.children.items():
            opened = await self.tab.open_child(ENTITIES[entity], name)
            await opened.open_parent(self.config.entity, RENAMED)

    async def change_what_is_above(self) -> None:
        """A child says that it is outdated and by what, until a person says that it holds."""
        if self.config.parents:
            above_it = self.tab.of(ENTITIES[self.config.parents[-1].entity])
            await self.tab.open_parent(above_it.config.entity, called(above_it.config, 1))
            child, name = self.config, self.name
        else:
            above_it = self.tab
            child, name = next((ENTITIES[key], name) for key, name in self.children.items())
        card = next(card for card in above_it.config.cards if card.shape == "texts")
        await above_it.change_item(card.key, 1, "Everything is different now.")
        await above_it.wait_saved()
        opened = await above_it.open_child(child, name)
        await expect(opened.outdated).to_contain_text(card.label)
        await opened.page.get_by_role("button", name="It still holds").click()
        await expect(opened.outdated).to_have_count(0)
        await opened.wait_saved()
        await opened.reload()
        await expect(opened.name).to_have_text(name)
        await expect(opened.outdated).to_have_count(0)

    async def find_it_in_the_list(self) -> None:
        """Searched, filtered by each thing that can be filtered by, and sorted."""
        await self.tab.open_list()
        if not self.config.parents:
            await self.tab.open_row(RENAMED)
            return
        everything = [
            d for d in (await self.keeping.all()).values() if d["entity"] == self.config.entity
        ]
        await self.tab.search(OWN_WORDS.split(maxsplit=1)[0].lower())
        await self._expect_list([RENAMED])
        await self.tab.search("")
        await self._expect_list([d["name"] for d in everything])
        parent = self.config.parents[-1]
        parent_config = ENTITIES[parent.entity]
        for number in (1, 2):
            name = called(parent_config, number)
            above_it = (await self.keeping.all())[name]
            await self.tab.filter(parent_config.label, name)
            below = [d for d in everything if d["parents"][parent.entity] == above_it["id"]]
            await self._expect_list([d["name"] for d in below])
        await self.tab.filter(
            ENTITIES[parent.entity].label, f"{ENTITIES[parent.entity].label}: all"
        )
        for label, status in (("Saved", "saved"), ("New", "draft")):
            await self.tab.filter("Status", label)
            await self._expect_list([d["name"] for d in everything if d["status"] == status])
        await self.tab.filter("Status", "Status: all")
        await self.tab.filter("Confidence", "Low")
        await self._expect_list([called(self.config, 2)])
        await self.tab.filter("Confidence", "Confidence: all")
        names = sorted(d["name"] for d in everything)
        await self.tab.filter("Sort by", "Name, A to Z")
        await expect(self.tab.names).to_have_text(names)
        await self.tab.filter("Sort by", "Name, Z to A")
        await expect(self.tab.names).to_have_text(names[::-1])
        await self.tab.open_row(RENAMED)

    async def delete_it_and_have_it_back(self) -> None:
        """The question names what hangs below; all of it goes, and all of it comes back."""
        before = await self.keeping.all()
        below = [d for d in before.values() if before[RENAMED]["id"] in d["parents"].values()]
        await self.tab.ask_to_delete()
        for document in below:
            await expect(self.tab.modal).to_contain_text(
                f"1 {ENTITIES[document['entity']].label.lower()}"
            )
        await self.tab.confirm_deletion()
        if self.config.parents:
            await expect(self.tab.row(called(self.config, 1))).to_be_visible()
            await expect(self.tab.row(RENAMED)).to_have_count(0)
        else:
            await expect(self.tab.name).not_to_have_text(RENAMED)
        await expect(self.page.get_by_test_id("deleted")).to_contain_text(RENAMED)
        gone = {RENAMED, *(document["name"] for document in below)}
        assert (await self.keeping.all()).keys() == before.keys() - gone
        await self.tab.undo_deletion()
        await expect(self.tab.name).to_have_text(RENAMED)
        for entity, name in self.children.items():
            section = self.tab.children(ENTITIES[entity])
            await expect(section.get_by_role("link", name=name, exact=True)).to_be_visible()
        assert await self.keeping.all() == before

    @property
    def _parents(self) -> Sequence[EntityConfig]:
        return [ENTITIES[parent.entity] for parent in self.config.parents]

    def _content(self, card: Card) -> Locator:
        """What stands on a card, whatever its shape."""
        return self.tab.content(card.key)

    async def _texts(self) -> dict[str, list[str]]:
        return {card.key: await self._content(card).all_inner_texts() for card in self.cards}

    async def _document(self) -> Document:
        return (await self.keeping.all())[self.name]

    async def _expect_list(self, names: list[str]) -> None:
        """The list shows these and no others."""
        if not names:
            await expect(self.page.get_by_text("Nothing matches.")).to_be_visible()
            return
        await expect(self.tab.names).to_have_count(len(names))
        for name in names:
            await expect(self.tab.row(name)).to_be_visible()
