"""The company's page: that of any entity, with what only a form with a website has."""

from __future__ import annotations

from playwright.async_api import Page

from blossomer.components.place import APP, PLAYGROUND
from blossomer.entities.company import CONFIG
from tests.browser.document_page import DocumentPage

CARDS = tuple(card.key for card in CONFIG.cards)
LABELS = {card.key: card.label for card in CONFIG.cards}
PATH = PLAYGROUND.path(CONFIG)


class CompanyPage(DocumentPage):
    """A tab on the company's pages.

    Args:
        page: The browser's page.
        url: Address of the server.
        path: Of the company page: the playground's, or the app's.
    """

    def __init__(self, page: Page, url: str, path: str = PATH) -> None:
        super().__init__(page, url, CONFIG, PLAYGROUND if path == PATH else APP)

    async def submit(self, website: str, *, pasted_text: str = "") -> None:
        """Fill in the form that is on the page and send it."""
        await self.page.get_by_label("Website").fill(website)
        if pasted_text:
            await self.page.get_by_text("Paste a description instead of reading").click()
            await self.page.get_by_label("Description of the company").fill(pasted_text)
        await self.page.locator("main form button[type=submit]").click()
