"""Documents of a signed-in user on a page: read from the database, and kept there by the saver.

The page shows a change at once. What became of it, and what other pages of the user did, comes as
news (``following.py``) and is taken in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import reflex as rx
import structlog

from blossomer.db.store import NoSuchDocument
from blossomer.entities import ENTITIES, children_of
from blossomer.entities.addresses import document_address, entity_address
from blossomer.entities.document import Document
from blossomer.entities.listing import ListPage, ListQuery, ListRow
from blossomer.entities.merge import KEEP, Change, apply_changes
from blossomer.errors import UserError
from blossomer.services.feed import Added, Missed, News, NotSaved, Removed, Saved
from blossomer.services.runs import KEEP_SECONDS
from blossomer.state.choosing import MOST_CHOICES, ChoosingMixin, first_of
from blossomer.state.draft_list import row_of
from blossomer.state.drafts import LIST
from blossomer.state.family import MOST_CHILDREN
from blossomer.state.validation import bare, plain, validated
from blossomer.state.views import ChoiceView

log = structlog.get_logger(__name__)

SAVE_STATES = {"unavailable": "retrying", "refused": "failed"}


class RowsMixin(ChoosingMixin, mixin=True):
    """Keeps the page's documents in the database."""

    is_draft: bool = False
    """Whether the open document is new and can still be discarded."""

    _unconfirmed: dict[int, list[dict[str, Any]]] = {}
    """Changes of the open document that the database has not confirmed, by ticket."""

    @rx.event
    @validated
    async def keep(self) -> Any:
        """Keep the draft that is open."""
        self._keep_draft()

    @rx.event
    @validated
    async def discard(self) -> Any:
        """Throw away the draft that is open."""
        if not self.is_draft or self.generating or self.document_id not in self._documents:
            return None
        await self._remove_row(self.entity, self.document_id)
        self.deleted = ""  # thrown away on purpose, and asked for again in a moment
        self._open(None)
        self._show_nothing("loading")
        return rx.redirect(entity_address(self._place, self._config), replace=True)

    def _keep_draft(self) -> None:
        """Leaving, editing and waiting all mean that the person wants to keep it."""
        document = self._documents.get(self.document_id)
        if self._owner and document is not None and document["status"] == "draft":
            self._put([KEEP])

    def _put(self, changes: list[Change], origin: Any = "edited") -> Document:
        """Change the open document on the page, and have the change written."""
        workspace, document = self._workspace, bare(self._documents[self.document_id])
        if document["status"] == "draft" and KEEP not in changes:
            changes = [*changes, KEEP]
        document = apply_changes(document, changes)
        self._documents = {document["id"]: document}
        self.is_draft = document["status"] == "draft"
        if workspace is not None and self._owner:
            ticket = workspace.saver.put(
                self._owner, document["entity"], document["id"], changes, origin
            )
            noted = [change.model_dump(mode="json") for change in changes]
            self._unconfirmed = {**bare(self._unconfirmed), ticket: noted}
            self.save_state = "saving"
        return document

    async def _load_rows(self, wanted: str, parents: Mapping[str, str]) -> Any:
        """Show the document with this id, or the newest one, with its relatives."""
        workspace, config, owner = self._workspace, self._config, self._owner or ""
        if workspace is None:
            self._show_nothing("unavailable")
            return None
        store = workspace.store(owner)
        if self.document_id and wanted != self.document_id:
            self._keep_draft()
        try:
            # So that whatever is written after this is told to this page.
            await workspace.feed.joined(owner, self._tab)
            await workspace.suggestions.look(owner, wanted)
            # Before the row is read: what does not wait by now is in it.
            waiting = await self._take_up(wanted)
            listed = [] if config.parents else await store.listed(config)
            document = await (store.get(config, wanted) if wanted else store.newest(config))
            if document is not None and not parents.items() <= document["parents"].items():
                document = None  # the address puts it below something that it is not below
            family = await self._family_of(document) if document is not None else ({}, {})
        except UserError:
            if not (self.document_id and self.document_id == wanted):
                self._show_nothing("unavailable")
            return None
        self.choices = [ChoiceView(id=entry.id, name=entry.name) for entry in listed]
        if document is None:
            self._open(None)
            self._show_nothing("not_found" if wanted else "empty")
            return None
        if not wanted:
            address = document_address(self._place, config, document["id"], document["parents"])
            return rx.redirect(address, replace=True)
        if document["id"] == self.document_id:
            self._confirm_all_but(waiting)
        self._open(document)
        self._show(plain(self._documents[document["id"]]))
        self._show_family(*family)
        if document["status"] == "draft" and _age(document) > KEEP_SECONDS:
            self._keep_draft()
        return None

    async def _family_of(
        self, document: Document
    ) -> tuple[dict[str, Document], dict[str, ListPage]]:
        """What is above a document, and what is directly below it."""
        workspace, entity = self._workspace, document["entity"]
        if workspace is None:
            return {}, {}
        store = workspace.store(self._owner or "")
        query = ListQuery(parents={entity: document["id"]}, sort="created", limit=MOST_CHILDREN)
        ancestors = await store.ancestors(ENTITIES[entity], document)
        return ancestors, {
            config.entity: await store.search(config, query, with_basis=True)
            for config in children_of(entity)
        }

    async def _look_at_family(self) -> None:
        """Draw the relatives of the open document as they are now."""
        document = plain(self._documents.get(self.document_id))
        if document is not None:
            with suppress(UserError):
                self._show_family(*await self._family_of(document))

    async def _load_form(self, parents: Mapping[str, str]) -> None:
        """Show the form for a new document, below these parents as far as they are given."""
        workspace, config = self._workspace, self._config
        if workspace is None:
            self._show_nothing("unavailable")
            return
        store = workspace.store(self._owner or "")
        rows: list[ListRow] = []
        try:
            documents = await store.ancestors(config, {"parents": parents})
            chosen = {entity: document["id"] for entity, document in documents.items()}
            for parent in config.parents:
                within = {parent.within: chosen.get(parent.within, "")} if parent.within else {}
                query = ListQuery(parents=within, limit=MOST_CHOICES)
                page = await store.search(ENTITIES[parent.entity], query)
                rows += page.rows
                if parent.entity in documents:
                    rows.append(row_of(documents[parent.entity]))
                elif page.rows:
                    for other in config.parents:
                        if other.within == parent.entity:  # choose one where there is such a one
                            newest = ListQuery(limit=1)
                            rows += (await store.search(ENTITIES[other.entity], newest)).rows
                    first = first_of(config, parent.entity, list(page.rows), rows)
                    chosen[parent.entity] = first
            documents = await store.ancestors(config, {"parents": chosen})
        except UserError:
            self._show_nothing("unavailable")
            return
        self._open(None)
        self._offer_new(documents, {row.id: row for row in rows}.values())

    def _open(self, document: Document | None) -> None:
        """Make a document, as the database has it, the open one."""
        if document is None:
            # A visitor's that the browser could not keep are nowhere else.
            kept = {k: d for k, d in plain(self._documents).items() if k in self._unsaved}
            self._documents = kept
            self._unconfirmed = {}
            self.is_draft = False
            return
        if document["id"] != self.document_id:
            self._unconfirmed = {}
            self.save_state = ""
        document = apply_changes(document, self._waiting_changes())
        self._documents = {document["id"]: document}
        self.is_draft = document["status"] == "draft"

    async def _take_up(self, document_id: str) -> frozenset[int]:
        """Have what was not confirmed to this page written; tickets of what is still to be.

        The page may have been on another worker when it was changed, which may be gone.

        Raises:
            UserError: ``database_unavailable`` (503).
        """
        workspace, unconfirmed = self._workspace, self._unconfirmed_changes()
        if workspace is None or not unconfirmed or document_id != self.document_id:
            return frozenset()
        owner = self._owner or ""
        return await workspace.saver.take_up(owner, self.entity, document_id, unconfirmed)

    def _unconfirmed_changes(self) -> dict[int, list[Change]]:
        return {
            ticket: [Change(path=tuple(each["path"]), value=each["value"]) for each in changes]
            for ticket, changes in plain(self._unconfirmed).items()
        }

    def _waiting_changes(self) -> Iterable[Change]:
        for changes in self._unconfirmed_changes().values():
            yield from changes

    def _confirm_all_but(self, waiting: frozenset[int]) -> None:
        """Take as confirmed what was written while nobody could tell this page."""
        before = plain(self._unconfirmed)
        self._unconfirmed = {t: changes for t, changes in before.items() if t in waiting}
        if before and not self._unconfirmed:
            self.save_state = "saved"

    def _missed_an_outcome(self) -> bool:
        """Whether changes may have been written, or given up, without this page being told."""
        workspace = self._workspace
        if workspace is None or not self._unconfirmed or self.save_state == "failed":
            return False
        waiting = workspace.saver.waiting(self._owner or "", self.entity, self.document_id)
        return bool(self._unconfirmed.keys() - waiting)

    async def _remove_row(self, entity: str, document_id: str) -> bool:
        """Delete a document and what is below it; whether that could be done."""
        workspace, owner = self._workspace, self._owner or ""
        if workspace is None:
            return False
        try:
            await workspace.store(owner).delete(ENTITIES[entity], document_id)
        except NoSuchDocument:
            pass  # another page was quicker
        except UserError as error:
            self.notice = error.words
            return False
        workspace.feed.publish(owner, Removed(entity, document_id))
        self.choices = [plain(choice) for choice in self.choices if choice.id != document_id]
        return True

    async def _bring_back_row(self) -> bool:
        """Undo the last deletion; whether that could be done."""
        workspace, owner = self._workspace, self._owner or ""
        config = ENTITIES[self._removed_entity]
        if workspace is None:
            return False
        try:
            restored = await workspace.store(owner).restore(config, self._removed_id)
        except NoSuchDocument:
            self.notice = "It cannot be had back: what it was below is gone as well."
            return False
        except UserError as error:
            self.notice = error.words
            return False
        workspace.feed.publish(owner, Added(config.entity, restored.id, restored.name))
        return True

    def _hear(self, news: News) -> Any:
        """Take in what happened to the user's work; returns an event for the page, if any."""
        if isinstance(news, Missed):
            return self._event("load_list" if self._wanted == LIST else "load")(self.entity)
        entity, document_id = getattr(news, "entity", ""), getattr(news, "document_id", "")
        if self._wanted == LIST:
            # The names of what is above stand in a list too.
            shown = {self.entity, *(parent.entity for parent in self._config.parents)}
            return self._event("load_list")(self.entity) if entity in shown else None
        if isinstance(news, Added) and self.phase == "not_found":
            # What is had back brings along what was below it.
            return self._event("load")(self.entity)
        if entity != self.entity:
            return self._hear_of_relative(news, entity, document_id)
        if isinstance(news, Added):
            return self._hear_added(news)
        if isinstance(news, Removed):
            return self._hear_removed(news)
        if document_id == self.document_id and document_id in self._documents:
            if isinstance(news, Saved):
                self._hear_saved(news)
            elif isinstance(news, NotSaved):
                return self._hear_not_saved(news)
        elif isinstance(news, Saved):
            self._rename_choice(document_id, news.changes)
        return None

    def _hear_of_relative(self, news: News, entity: str, document_id: str) -> Any:
        """Something above or below the open document has changed, come or gone."""
        ancestor = self._ancestors.get(entity)
        if ancestor is not None and ancestor["id"] == document_id:
            if isinstance(news, Removed) and not self.editing:
                # Not by the news alone: it may have come back since.
                return self._event("load")(self.entity)
            if isinstance(news, Saved):
                ancestors = plain(self._ancestors)
                ancestors[entity] = apply_changes(ancestors[entity], news.changes)
                self._ancestors = ancestors
                self._show_ancestors()
            return None
        is_child = entity in {config.entity for config in children_of(self.entity)}
        if is_child and isinstance(news, Added | Removed | Saved):
            return self._event("look_at_family")
        return None

    @rx.event
    @validated
    async def look_at_family(self) -> Any:
        """Draw what is above and below the open document as it is now."""
        if self._owner and self.entity in ENTITIES:
            await self._look_at_family()

    def _event(self, name: str) -> Any:
        """A handler of the whole state, of which this is a part."""
        return getattr(self.__class__, name)  # of the state itself, also behind a proxy

    def _hear_added(self, news: Added) -> Any:
        if news.document_id not in {choice.id for choice in self.choices}:
            first = ChoiceView(id=news.document_id, name=news.name)
            self.choices = [first, *plain(self.choices)]
        if self.phase == "empty" and not self.generating and not self._config.parents:
            return rx.redirect(f"/app/{self._config.route}/{news.document_id}", replace=True)
        return None

    def _hear_removed(self, news: Removed) -> Any:
        self.choices = [plain(choice) for choice in self.choices if choice.id != news.document_id]
        if news.document_id != self.document_id or self.editing:
            return None  # with the modal open: what a person sees, they keep when they save
        self._open(None)
        self._show_nothing("loading")
        return rx.redirect(entity_address(self._place, self._config), replace=True)

    def _hear_saved(self, news: Saved) -> None:
        own = self._unconfirmed.keys() & news.tickets
        self._unconfirmed = {
            ticket: changes
            for ticket, changes in bare(self._unconfirmed).items()
            if ticket not in own
        }
        if len(own) < len(news.tickets) or not news.tickets:
            # Another page's changes first, then what of this one is still on its way: the order in
            # which the database will have them.
            document = apply_changes(bare(self._documents[self.document_id]), news.changes)
            self._open(document)
            if not self.generating or self.rewriting:
                self._show(plain(self._documents[self.document_id]))
        if not self._unconfirmed and own:
            self.save_state = "saved"
        self._rename_choice(news.document_id, news.changes)

    def _hear_not_saved(self, news: NotSaved) -> Any:
        if not self._unconfirmed.keys() & news.tickets:
            return None
        if news.reason == "missing":
            return self._event("save_again")
        self.save_state = SAVE_STATES[news.reason]
        return None

    def _rename_choice(self, document_id: str, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.path == ("name",):
                self.choices = [
                    ChoiceView(id=choice.id, name=str(change.value))
                    if choice.id == document_id
                    else plain(choice)
                    for choice in self.choices
                ]

    async def _save_row_again(self) -> Any:
        """Try once more to keep the open document; one that is gone is made again."""
        workspace, owner = self._workspace, self._owner or ""
        document = self._documents.get(self.document_id)
        if workspace is None or document is None:
            return
        if workspace.saver.try_now(owner, self.entity, self.document_id):
            return
        store, document = workspace.store(owner), plain(document)
        try:
            if await store.get(self._config, self.document_id) is None:
                await store.create(self._config, {**document, "status": "saved"}, "restored")
                workspace.feed.publish(owner, Added(self.entity, document["id"], document["name"]))
                self._unconfirmed = {}
                self.save_state = "saved"
            else:
                waiting = list(self._waiting_changes())
                self._unconfirmed = {}
                if waiting:
                    self._put(waiting)
        except UserError as error:
            self.save_state = "failed"
            self.notice = error.words


def _age(document: Document) -> float:
    """Seconds since a document was made."""
    made = datetime.fromisoformat(document["created_at"])
    return (datetime.now(UTC) - made).total_seconds()
