"""Which store a page works on, decided in one place from who has been verified for the event.

A signed-in user's documents are in the database (``rows.py``), a visitor's in their browser
(``drafts.py``). What is above this file does not know which.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from blossomer.db.store import Origin
from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services.runtime import get_runtime
from blossomer.state.messages import Identifier
from blossomer.state.rows import RowsMixin
from blossomer.state.validation import plain, validated

EntityKey = Annotated[str, Field(max_length=40)]

LONGEST_ID = 64


class StoresMixin(RowsMixin, mixin=True):
    """Opens, changes and removes the page's document, wherever it is kept."""

    @rx.event
    @validated
    async def load(self, entity: EntityKey) -> Any:
        """Show the document that the address names, or the newest one of the entity."""
        if entity not in ENTITIES:
            return None
        if (away := self._elsewhere()) is not None:
            return rx.redirect(away, replace=True)
        self._turn_to(entity)
        await self._count_left()
        if not self._owner:
            self._read_drafts(str(self.router.url.query_parameters.get("id", "")))
            return None
        wanted = str(self.router.url.path).removeprefix(f"/app/{self._config.route}").strip("/")
        return await self._load_rows(wanted[:LONGEST_ID]) or await self._resume()

    @rx.event
    @validated
    async def greet(self) -> Any:
        """Show who is signed in, on a page without documents: whoever is there has left theirs."""
        self._keep_draft()

    def _turn_to(self, entity: str) -> None:
        """Show pages of this entity from now on."""
        if entity != self.entity:
            self.entity = entity
            self._show_nothing("loading")

    @rx.event
    @validated
    async def save_again(self) -> Any:
        """Try once more to keep what could not be kept."""
        if self.document_id not in self._documents:
            return
        if self._owner:
            await self._save_row_again()
        else:
            with self._drafts() as drafts:
                drafts.restore(self.document_id)

    @rx.event
    @validated
    async def download(self) -> Any:
        """Hand the open document to the person as a file."""
        document = self._documents.get(self.document_id)
        if document is None:
            return None
        text = json.dumps(plain(document), indent=2, ensure_ascii=False)
        return rx.download(
            data=text, filename=f"blossomer-{document['entity']}-{document['id']}.json"
        )

    @rx.event
    @validated
    async def choose(self, document_id: Identifier) -> Any:
        """Open another document."""
        if self.entity not in ENTITIES:
            return None
        route = self._config.route
        if self._owner:
            return rx.redirect(f"/app/{route}/{document_id}")
        return rx.redirect(f"/playground/{route}?id={document_id}")

    @rx.event
    @validated
    async def delete(self, confirmed: Literal[True]) -> Any:
        """Remove the open document, after the person has confirmed it."""
        del confirmed
        if self.generating or self.document_id not in self._documents:
            return None
        return await self._remove_row() if self._owner else self._remove_draft()

    def _change(self, changes: list[Change], origin: Origin = "edited") -> Document:
        """Apply changes to the open document, and have them kept."""
        if self._owner:
            return self._put(changes, origin)
        with self._drafts() as drafts:
            return drafts.patch(self.document_id, changes)

    async def _resume(self) -> Any:
        """Show what goes on with the user's generations; see ``following.py``."""

    @rx.event
    @validated
    async def count_left(self) -> Any:
        """Say how many generations the person has left."""
        await self._count_left()

    async def _count_left(self) -> None:
        """Say how many generations the person has left."""
        try:
            left = await get_runtime().limits.remaining(self._limit_key)
        except UserError:
            self.allowance = ""
            return
        self.allowance = f"{left.left} of {left.limit} analyses left this hour"
