"""Which store a page works on, decided in one place from who has been verified for the event.

A signed-in user's documents are in the database (``rows.py``), a visitor's in their browser
(``drafts.py``). What is above this file does not know which.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from blossomer.db.store import NoSuchDocument, Origin
from blossomer.entities import ENTITIES
from blossomer.entities.addresses import NEW, document_address, entity_address, wanted_in
from blossomer.entities.document import Document
from blossomer.entities.merge import Change
from blossomer.errors import UserError
from blossomer.services.runtime import get_runtime
from blossomer.state.deleting import DeletionView
from blossomer.state.messages import Identifier
from blossomer.state.rows import RowsMixin
from blossomer.state.validation import plain, validated

EntityKey = Annotated[str, Field(max_length=40)]
Name = Annotated[str, Field(max_length=2_000)]

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
        query = {str(k): str(v) for k, v in self.router.url.query_parameters.items()}
        wanted, parents = wanted_in(self._config, str(self.router.url.path), query)
        wanted = wanted[:LONGEST_ID]
        if wanted == NEW and (self._wanted != NEW or self.phase != "empty"):
            self._begin_form({})
        self.is_choosing = False
        self._wanted, self._wanted_parents = wanted, parents
        await self._drop_lost()
        if not self._owner:
            self._show_going()
            self._read_drafts(wanted, parents)
            return None
        if wanted == NEW:
            self._keep_draft()
            await self._load_form(parents)
            return await self._resume()
        return await self._load_rows(wanted, parents) or await self._resume()

    @rx.event
    @validated
    async def choose_parent(self, entity: EntityKey, document_id: Identifier) -> Any:
        """Choose what a new document is to be below."""
        if self.entity not in ENTITIES or self._wanted != NEW or self.generating:
            return
        config = self._config
        if entity not in {parent.entity for parent in config.parents}:
            return
        parents = {
            parent.entity: plain(self.chosen_parents).get(parent.entity, "")
            for parent in config.parents
            if parent.within != entity
        } | {entity: document_id}
        self.form_problem = ""
        given = {key: value for key, value in parents.items() if value}
        if self._owner:
            await self._load_form(given)
        else:
            self._read_drafts(NEW, given)

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
    async def choose(self, document_id: Identifier) -> Any:
        """Open another document."""
        if self.entity not in ENTITIES:
            return None
        return rx.redirect(document_address(self._place, self._config, document_id, {}))

    @rx.event
    @validated
    async def ask_to_delete(self, entity: EntityKey, document_id: Identifier, name: Name) -> Any:
        """Ask before something is deleted, saying what goes with it."""
        if entity not in ENTITIES or self.generating:
            return
        below: dict[str, int] = {}
        if (workspace := self._workspace) is not None:
            try:
                store = workspace.store(self._owner or "")
                below = dict(await store.what_hangs_below(ENTITIES[entity], document_id))
            except NoSuchDocument:
                pass  # gone already; deleting says so
            except UserError as error:
                self.notice = error.words
                return
        elif not self._owner:
            for row in self._below_draft(entity, document_id):
                below[row.entity] = below.get(row.entity, 0) + 1
        self._ask_before_deleting(entity, document_id, name, below)

    @rx.event
    @validated
    async def leave_deletion(self, stay_open: bool = False) -> Any:
        """Do not delete after all."""
        if not stay_open:
            self.deleting = DeletionView()

    @rx.event
    @validated
    async def delete(self, confirmed: Literal[True]) -> Any:
        """Delete what was asked about, with what is below it."""
        del confirmed
        asked = plain(self.deleting)
        if not asked.id or asked.entity not in ENTITIES or self.generating:
            return None
        document = plain(self._documents.get(asked.id))
        if self._owner:
            if not await self._remove_row(asked.entity, asked.id):
                return None
        else:
            self._remove_draft(asked.entity, asked.id)
        self._note_deletion(asked, document["parents"] if document else {})
        if document is None:
            return self._list_again()
        self._open(None)
        self._show_nothing("loading")
        if not self._owner and not self._config.parents:
            self._read_drafts()
        return rx.redirect(entity_address(self._place, self._config), replace=True)

    @rx.event
    @validated
    async def undo_delete(self) -> Any:
        """Bring back what was deleted last, with what was below it."""
        if self._removed_entity not in ENTITIES:
            return None
        if self._owner:
            if not await self._bring_back_row():
                return None
        else:
            self._bring_back_drafts()
        config, key, parents = (
            ENTITIES[self._removed_entity],
            self._removed_id,
            plain(self._removed_parents),
        )
        was_open = bool(parents) or not config.parents
        self._forget_deletion()
        if not was_open:
            return self._list_again()
        return rx.redirect(document_address(self._place, config, key, parents))

    @rx.event
    @validated
    async def dismiss_deletion(self) -> Any:
        """Close the notice of a deletion."""
        self._forget_deletion()

    def _list_again(self) -> Any:
        """Show a list again after something in it has changed; see ``listing.py``."""

    def _change(self, changes: list[Change], origin: Origin = "edited") -> Document:
        """Apply changes to the open document, and have them kept."""
        if self._owner:
            return self._put(changes, origin)
        with self._drafts() as drafts:
            document = drafts.patch(self.document_id, changes)
            if self.document_id in self._unsaved:
                # The browser lacks a change before this one: all of it, then.
                drafts.restore(self.document_id)
            return document

    async def _drop_lost(self) -> None:
        """Say what is lost with its worker; see ``generating.py``."""

    def _show_going(self) -> None:
        """Show what goes on in this tab; see ``generating.py``."""

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
