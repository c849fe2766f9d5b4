"""What a person does on the company page, and what they see there, as one object."""

from __future__ import annotations

import json
from typing import Any, cast

from playwright.async_api import Locator, Page, expect

from blossomer.entities.company import CONFIG

CARDS = tuple(card.key for card in CONFIG.cards)
LABELS = {card.key: card.label for card in CONFIG.cards}
PATH = "/playground/company"


class CompanyPage:
    """A tab.

    Args:
        page: The browser's page.
        url: Address of the server.
        path: Of the company page: the playground's, or the app's.
    """

    def __init__(self, page: Page, url: str, path: str = PATH) -> None:
        self.page = page
        self.url = url
        self.path = path

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

    async def submit(self, website: str, *, pasted_text: str = "") -> None:
        """Fill in the form that is on the page and send it."""
        await self.page.get_by_label("Website").fill(website)
        if pasted_text:
            await self.page.get_by_text("Paste a description instead of reading").click()
            await self.page.get_by_label("Description of the company").fill(pasted_text)
        await self.page.locator("main form button[type=submit]").click()

    # Looking

    def card(self, key: str) -> Locator:
        """One card."""
        return self.page.locator(f'[data-card="{key}"]')

    def statements(self, key: str) -> Locator:
        """The texts of a card's items."""
        return self.card(key).locator("ul > li > p")

    async def texts(self, key: str) -> list[str]:
        """The texts of a card's items, as they stand."""
        return await self.statements(key).all_inner_texts()

    async def all_texts(self) -> dict[str, list[str]]:
        """The texts of all cards."""
        return {key: await self.texts(key) for key in CARDS}

    @property
    def name(self) -> Locator:
        """The company's name."""
        return self.page.locator("#overview-name")

    @property
    def modal(self) -> Locator:
        """The edit modal."""
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
    def save_state(self) -> Locator:
        """Saving, saved or not saved."""
        return self.page.get_by_test_id("save-state")

    async def wait_saved(self) -> None:
        """Wait until the page says that everything is kept."""
        saved = "Saved in this browser" if self.path == PATH else "Saved"
        await expect(self.save_state).to_have_text(saved)

    async def wait_written(self) -> None:
        """Wait until the generation is over and its result is kept."""
        await expect(self.page.get_by_role("button", name="Edit name and")).to_be_visible()
        await expect(self.progress).to_have_count(0)
        if self.path == PATH:
            await self.wait_saved()

    # Editing

    async def edit(self, key: str) -> None:
        """Open the modal of a card with one click."""
        await self.card(key).get_by_role("button", name=f"Edit {LABELS[key]}").click()
        await expect(self.modal).to_be_visible()

    async def save(self) -> None:
        """Save what the modal holds."""
        await self.modal.get_by_role("button", name="Save").click()
        await expect(self.modal).to_have_count(0)

    async def change_item(self, key: str, number: int, text: str) -> None:
        """Change one item of a card and save."""
        await self.edit(key)
        await self.rows.nth(number).fill(text)
        await self.save()

    async def rewrite(self, key: str) -> None:
        """Have one card written again."""
        await self.card(key).get_by_role("button", name=f"Write {LABELS[key]} again").click()

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
