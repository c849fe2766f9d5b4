"""What a person does on the pages of any entity, and what they see there, as one object.

Everything follows from the entity's configuration and from the part of the product, so that the
same words drive an entity that nobody has thought of yet.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Locator, Page, expect

from blossomer.components.place import Place
from blossomer.entities import ENTITIES
from blossomer.entities.addresses import new_address
from blossomer.entities.attributes import Attribute
from blossomer.entities.config import Card, EntityConfig
from blossomer.services.export.formats import FORMATS
from blossomer.state.choosing import is_asked_for

WRITTEN = ("text", "long_text")
"""Kinds of attributes into which somebody types."""


def has_text(card: Card) -> bool:
    """Whether the records of a card have an attribute into which somebody types."""
    return any(attribute.kind in WRITTEN for attribute in card.attributes)


class DocumentPage:
    """A tab on the pages of one entity.

    Args:
        page: The browser's page.
        url: Address of the server.
        config: The entity.
        place: The part of the product.
    """

    def __init__(self, page: Page, url: str, config: EntityConfig, place: Place) -> None:
        self.page = page
        self.url = url
        self.config = config
        self.place = place
        self.path = place.path(config)

    def of(self, config: EntityConfig) -> DocumentPage:
        """The same tab, on the pages of another entity."""
        return DocumentPage(self.page, self.url, config, self.place)

    # Going places

    async def open(self, path: str = "") -> None:
        """Load an address; returns when the page is alive and knows what it shows."""
        await self.page.goto(self.url + (path or self.path))
        await self.settle()

    async def reload(self) -> None:
        """Load the page again."""
        await self.page.reload()
        await self.settle()

    async def settle(self) -> None:
        """Wait until the skeletons of the loading state are gone."""
        await expect(self.page.locator("h1").first).to_be_visible()

    async def open_list(self) -> None:
        """Go to the entity's place in the navigation: its list, or its newest document."""
        navigation = self.page.get_by_role("navigation", name="Plan")
        await navigation.get_by_role("link", name=self._called, exact=True).click()
        if self.config.parents:
            await expect(
                self.page.get_by_role("heading", level=1, name=self.config.label_plural)
            ).to_be_visible()

    async def open_row(self, name: str) -> None:
        """Open a document: from the list's page, or of one at the top from the others' names."""
        if self.config.parents:
            await self.row(name).get_by_role("link").click()
        else:
            await self.page.get_by_label(f"Your {self._plural}").select_option(label=name)
        await expect(self.name).to_have_text(name)

    async def open_child(self, child: EntityConfig, name: str) -> DocumentPage:
        """Open a document from the section below the open one."""
        section = self.children(child)
        await section.get_by_role("listitem").get_by_role("link", name=name, exact=True).click()
        opened = self.of(child)
        await expect(opened.name).to_have_text(name)
        return opened

    async def open_parent(self, entity: str, name: str) -> DocumentPage:
        """Open a document from the breadcrumbs of the open one."""
        await self.crumbs.get_by_role("link", name=name, exact=True).click()
        opened = self.of(ENTITIES[entity])
        await expect(opened.name).to_have_text(name)
        return opened

    # Asking for a document

    async def begin(self) -> None:
        """Open the form for a new one, from the list or from beside the open document."""
        if self.config.parents:
            words = re.compile(f"^(New {self._label}|{re.escape(self.config.form.button)})$")
            await self.page.get_by_role("link", name=words).first.click()
            title = self.config.form.title
            await expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()
        elif await self.page.get_by_text(f"Another {self._label}", exact=True).count():
            await self.page.get_by_text(f"Another {self._label}", exact=True).click()

    async def begin_child(self, child: EntityConfig) -> DocumentPage:
        """Open the form for a new one below the open document, from its page."""
        link = self.children(child).get_by_role("link", name=child.label, exact=True)
        await link.last.click()
        opened = self.of(child)
        await expect(
            self.page.get_by_role("heading", level=1, name=child.form.title)
        ).to_be_visible()
        return opened

    async def begin_below(self, parents: Mapping[str, str]) -> None:
        """Load the form for a new one below these, by entity and id."""
        await self.open(new_address(self.place.root, self.config, parents))

    async def fill(
        self,
        website: str = "",
        *,
        names: Mapping[str, str] | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer everything the form must know, step by step, and leave it ready to be sent.

        Args:
            website: For an entity that is written from a website.
            names: Names of the parents to choose, by entity.
            answers: What to choose or to type by the field's name, instead of the first option.
        """
        answers = answers or {}
        for parent in self.config.parents:
            if names and parent.entity in names:
                await self.choose_parent(parent.entity, names[parent.entity])
        picks: dict[str, str] = {}
        steps = [step.key for step in self.config.form.steps] or [""]
        for number, step in enumerate(steps):
            for field in self.config.form.fields:
                if field.kind == "inherited" or field.step != step:
                    continue
                if not is_asked_for(field, picks):
                    continue
                answer = answers.get(field.name, "")
                if field.kind == "choice" and (answer or field.required):
                    picks[field.name] = answer or field.options[0].value
                    await self.option(field.name, picks[field.name]).check()
                elif field.kind == "item" and answer:
                    await self.option(field.name, answer).check()
                elif field.kind == "url":
                    await self.form.locator(f"[name={field.name}]").fill(answer or website)
                elif answer or field.required:
                    words = answer or field.placeholder or field.label
                    await self.form.locator(f"[name={field.name}]").fill(words)
            if number < len(steps) - 1:
                await self.next_step()

    async def choose_parent(self, entity: str, name: str) -> None:
        """Choose below what a new document is to be."""
        await self.parent_choice(entity).select_option(label=name)
        await expect(self.crumbs.get_by_role("link", name=name, exact=True)).to_be_visible()

    def parent_choice(self, entity: str) -> Locator:
        """The list of what a new document can be below."""
        return self.form.get_by_label(ENTITIES[entity].label, exact=True)

    def option(self, name: str, value: str) -> Locator:
        """A choice of the form."""
        return self.form.locator(f'input[name="{name}"][value={json.dumps(value)}]')

    async def next_step(self) -> None:
        """Go on in the wizard."""
        steps = self.form.get_by_role("list", name="Steps")
        before = await steps.locator("[aria-current=step]").inner_text()
        await self.form.get_by_role("button", name="Next").click()
        await expect(steps.locator("[aria-current=step]")).not_to_have_text(before)

    async def send(self) -> None:
        """Send the form."""
        await self.form.locator("button[type=submit]").click()

    @property
    def form(self) -> Locator:
        """The form that is on the page."""
        return self.page.locator("main form").filter(has=self.page.locator("[name=entity]"))

    # Looking

    def card(self, key: str) -> Locator:
        """One card."""
        return self.page.locator(f'[data-card="{key}"]')

    def content(self, key: str) -> Locator:
        """What stands on a card, whatever its shape."""
        inside = ("li", "dd", "textarea", "input")
        return self.card(key).locator(", ".join(f"{element}:visible" for element in inside))

    def statements(self, key: str) -> Locator:
        """The texts of a card's items."""
        return self.card(key).locator("ul > li > p")

    async def texts(self, key: str) -> list[str]:
        """The texts of a card's items, as they stand."""
        return await self.statements(key).all_inner_texts()

    async def all_texts(self, kind: str = "") -> dict[str, list[str]]:
        """Everything that stands on the cards, line by line."""
        return {
            card.key: await self.texts(card.key)
            if card.shape == "texts"
            else (await self.card(card.key).locator("dd, ol > li").all_inner_texts())
            for card in self.config.cards_of(kind)
        }

    @property
    def name(self) -> Locator:
        """The document's name."""
        return self.page.locator("#overview-name")

    @property
    def crumbs(self) -> Locator:
        """The way to the open document."""
        return self.page.get_by_role("navigation", name="Breadcrumb")

    def children(self, child: EntityConfig) -> Locator:
        """What is below the open document, of one entity."""
        return self.page.locator(f"[data-children={child.entity}]")

    @property
    def modal(self) -> Locator:
        """The window that is open: the edit modal, or the question before a deletion."""
        return self.page.get_by_role("dialog")

    @property
    def rows(self) -> Locator:
        """The inputs of the edit modal's rows."""
        return self.modal.locator("textarea[name^=row-]")

    @property
    def progress(self) -> Locator:
        """What is going on while something is written."""
        return self.page.get_by_role("region", name="Progress")

    def stage(self, label: str) -> Locator:
        """One step of the progress."""
        return self.progress.get_by_role("listitem").filter(has_text=label)

    @property
    def failure(self) -> Locator:
        """The panel that says why a generation failed."""
        return self.page.get_by_test_id("failure")

    @property
    def outdated(self) -> Locator:
        """The panel that says what has changed above the document."""
        return self.page.get_by_test_id("outdated")

    @property
    def proposals(self) -> Locator:
        """What waits for the person's word."""
        return self.page.get_by_test_id("proposals")

    @property
    def suggestions(self) -> Locator:
        """What goes on while several documents are written at once."""
        return self.page.get_by_test_id("suggestions")

    @property
    def not_found(self) -> Locator:
        """Says that the address names nothing of the person's."""
        return self.page.get_by_role("heading", name=f"This {self._label} is not here")

    @property
    def save_state(self) -> Locator:
        """Saving, saved or not saved."""
        return self.page.get_by_test_id("save-state")

    async def wait_saved(self) -> None:
        """Wait until the page says that everything is kept."""
        await expect(self.save_state).to_have_text(self.place.saved)

    async def wait_written(self) -> None:
        """Wait until the generation is over and its result is kept."""
        await expect(self.page.get_by_role("button", name="Edit name and")).to_be_visible()
        await expect(self.progress).to_have_count(0)
        if not self.place.has_account:
            await self.wait_saved()

    # The list

    def row(self, name: str) -> Locator:
        """A document in the list."""
        link = self.page.get_by_role("link", name=name, exact=True)
        return self.list.get_by_role("listitem").filter(has=link)

    @property
    def list(self) -> Locator:
        """The documents that the list shows."""
        return self.page.get_by_role("list", name=self.config.label_plural, exact=True)

    @property
    def names(self) -> Locator:
        """The names in the list, in order."""
        return self.list.get_by_role("heading", level=2)

    async def search(self, text: str) -> None:
        """Look for something in the list."""
        await self.page.get_by_role("searchbox").fill(text)

    async def filter(self, label: str, choice: str) -> None:
        """Choose in one of the list's filters, or its order."""
        await (
            self.page.get_by_role("search")
            .get_by_label(label, exact=True)
            .select_option(label=choice)
        )

    # Editing

    async def edit(self, key: str) -> None:
        """Open the modal of a card with one click."""
        label = self.config.card(key).label
        await self.card(key).get_by_role("button", name=f"Edit {label}", exact=True).click()
        await expect(self.modal).to_be_visible()

    async def save(self) -> None:
        """Save what the modal holds."""
        await self.modal.get_by_role("button", name="Save").click()
        await expect(self.modal).to_have_count(0)

    async def change_item(self, key: str, number: int, text: str) -> None:
        """Change one item of a card of texts and save."""
        await self.edit(key)
        await self.rows.nth(number).fill(text)
        await self.save()

    async def change_record(self, card: Card, text: str) -> Attribute:
        """Write into the first text of a structured card's first record, and save.

        Returns:
            The attribute that has been changed.
        """
        attribute = next(a for a in card.attributes if a.kind in WRITTEN)
        await self.edit(card.key)
        if card.shape != "record":
            panel = self.modal.locator("details").first
            if await panel.get_attribute("open") is None:
                await panel.locator("summary").click()
        await self.modal.locator(f"[id^=row-][id$=-{attribute.name}]").first.fill(text)
        await self.save()
        return attribute

    async def rewrite(self, key: str) -> None:
        """Have one card written again."""
        label = self.config.card(key).label
        await self.card(key).get_by_role("button", name=f"Write {label} again", exact=True).click()

    async def rename(self, name: str) -> None:
        """Give the open document another name."""
        await self.page.get_by_role("button", name="Edit name and description").click()
        await self.modal.get_by_label("Name").fill(name)
        await self.save()
        await expect(self.name).to_have_text(name)

    # Taking away, and bringing back

    async def ask_to_delete(self) -> None:
        """Ask for the open document to be deleted; the question is then on the page."""
        await self.page.locator("main").get_by_role("button", name="Delete", exact=True).click()
        await expect(self.modal.get_by_role("heading", name="Delete this?")).to_be_visible()

    async def confirm_deletion(self) -> None:
        """Answer the question with yes."""
        await self.modal.get_by_role("button", name="Delete", exact=True).click()
        await expect(self.modal).to_have_count(0)

    async def undo_deletion(self) -> None:
        """Have back what was deleted last."""
        await self.page.get_by_test_id("deleted").get_by_role("button", name="Undo").click()

    async def export(self, key: str, *, whole: bool = False) -> tuple[str, bytes]:
        """Take the open document out as a file.

        Args:
            key: Of the format.
            whole: With everything below it.

        Returns:
            The file's name and content.
        """
        await self.page.get_by_role("button", name="Export", exact=True).click()
        menu = self.page.locator("#export-menu")
        entry = menu.get_by_role("button", name=FORMATS[key].label, exact=True)
        async with self.page.expect_download() as waiting:
            await (entry.last if whole else entry.first).click()
        download = await waiting.value
        content = await asyncio.to_thread(Path(await download.path()).read_bytes)
        if await menu.is_visible():
            await self.page.keyboard.press("Escape")
        return download.suggested_filename, content

    # The browser's storage

    async def drafts(self) -> dict[str, dict[str, Any]]:
        """Every draft in the browser's storage, by its key."""
        stored = await self.page.evaluate("({...localStorage})")
        return {
            key: cast(dict[str, Any], json.loads(text))
            for key, text in stored.items()
            if key.startswith("draft_")
        }

    async def draft(self) -> dict[str, Any]:
        """The only draft in the browser's storage."""
        drafts = await self.drafts()
        assert len(drafts) == 1, list(drafts)
        return next(iter(drafts.values()))

    @property
    def _label(self) -> str:
        return self.config.label.lower()

    @property
    def _plural(self) -> str:
        return self.config.label_plural.lower()

    @property
    def _called(self) -> str:
        """What the navigation calls the entity."""
        return self.config.label_plural if self.config.parents else self.config.label
