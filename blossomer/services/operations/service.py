"""The operations on one user's documents, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blossomer.db.ancestors import parent_missing
from blossomer.db.history import Earlier
from blossomer.db.outage import database_unavailable
from blossomer.db.store import DatabaseStore, Deleted, NoSuchDocument, Origin, Stored, Write
from blossomer.entities import ENTITIES, above, below
from blossomer.entities.config import Card, EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.lineage import basis_of, outdated
from blossomer.entities.listing import ListQuery
from blossomer.entities.merge import Change
from blossomer.entities.proposals import accept_proposal, decline_proposal
from blossomer.services.export.formats import FORMATS, ExportedFile, export
from blossomer.services.export.gather import documents_below
from blossomer.services.feed import Added, Removed, Saved
from blossomer.services.identity.model import Identity
from blossomer.services.limits import Remaining, user_key
from blossomer.services.operations import failures
from blossomer.services.operations.creating import made_document
from blossomer.services.operations.editing import changes_of_patch
from blossomer.services.operations.listing import Listing, listing_of
from blossomer.services.operations.model import (
    Below,
    NewDocument,
    Relations,
    Relative,
    VersionEntry,
    Versions,
)
from blossomer.services.operations.suggesting import Suggesting, suggestion_for
from blossomer.services.operations.writing import Writing, begin, request_for_again, request_for_new
from blossomer.services.runtime import Runtime, Workspace

MOST_RELATIVES = 25
"""Documents of each entity below another that ``relations`` names."""


class Operations:
    """What one verified user can do with their documents.

    Every method raises ``UserError`` and nothing else: ``not_found`` (404) where the user has no
    such document, whether or not somebody else has; ``database_unavailable`` (503); and what
    stands at the method.

    Args:
        runtime: The parts of this server.
        identity: The user, as verified for this request.
    """

    def __init__(self, runtime: Runtime, identity: Identity) -> None:
        self._runtime = runtime
        self._identity = identity

    @property
    def key(self) -> str:
        """The key under which the user's generations are counted."""
        return user_key(self._identity.user_id, self._identity.tier)

    @property
    def _workspace(self) -> Workspace:
        workspace = self._runtime.workspace
        if workspace is None:
            raise database_unavailable()
        return workspace

    @property
    def _store(self) -> DatabaseStore:
        return self._workspace.store(self._identity.user_id)

    async def remaining(self) -> Remaining:
        """How many generations the user has left.

        Raises:
            UserError: ``limits_unavailable`` (503).
        """
        return await self._runtime.limits.remaining(self.key)

    async def page(self, config: EntityConfig, query: ListQuery) -> Listing:
        """One page of the user's documents of an entity.

        Args:
            config: The entity.
            query: From ``list_query``.
        """
        # One row more tells whether there is another page.
        page = await self._store.search(config, replace(query, limit=query.limit + 1))
        return listing_of(config, query, page)

    async def read(self, config: EntityConfig, document_id: str) -> Stored:
        """One document with its version."""
        stored = await self._store.stored(config, document_id)
        if stored is None:
            raise failures.no_such_document(config)
        return stored

    async def create(
        self, config: EntityConfig, new: NewDocument, *, document_id: str = ""
    ) -> Stored:
        """Keep a document that was written elsewhere, as words of the person.

        Args:
            config: The entity.
            new: What to keep.
            document_id: The id that it is to get. When a document of the user has it, nothing is
                made, and that is the answer.

        Raises:
            UserError: ``invalid_input`` or ``invalid_url``; ``parent_missing`` (404).
        """
        store = self._store
        if document_id and (known := await store.stored(config, document_id)) is not None:
            return known
        parents = await self._parents(config, new.parents)
        ancestors = await store.ancestors_of_parents(config, parents)
        hosts = self._runtime.settings.allowed_fetch_hosts
        document = made_document(config, new, ancestors, parents, hosts)
        document["id"] = document_id or document["id"]
        kept = await store.create(config, document, "edited")
        self._tell(Added(config.entity, kept["id"], kept["name"]))
        return Stored(kept, 1)

    async def patch(
        self,
        config: EntityConfig,
        document_id: str,
        patch: Mapping[str, Any],
        *,
        versions: Collection[int] | None = None,
    ) -> Stored:
        """Change the parts of a document that a patch names, and no others.

        Args:
            config: The entity.
            document_id: Its id.
            patch: Shaped like the document: ``name``, ``status``, ``data``; see ``editing.py``.
            versions: Versions of which the document must be one; None for any.

        Returns:
            The document afterwards.

        Raises:
            UserError: ``invalid_input`` (422); ``version_conflict`` (412).
        """

        def decide(stored: Stored) -> Sequence[Change]:
            if versions is not None and stored.version not in versions:
                raise failures.version_conflict(config, stored.version)
            return changes_of_patch(config, stored.document, patch)

        return await self._edit(config, document_id, decide)

    async def decide(
        self, config: EntityConfig, document_id: str, card: str, *, accept: bool
    ) -> Stored:
        """Put a proposed card in its place, or forget the proposal.

        Raises:
            UserError: ``nothing_proposed`` (404); ``invalid_document`` (422) when what is proposed
                is damaged.
        """

        def decided(stored: Stored) -> Sequence[Change]:
            data = stored.document["data"]
            if card not in config.card_keys or (data.get("proposals") or {}).get(card) is None:
                raise failures.nothing_proposed(config, card)
            return accept_proposal(data, config, card) if accept else decline_proposal(card)

        return await self._edit(config, document_id, decided, "rewritten" if accept else "edited")

    async def still_right(self, config: EntityConfig, document_id: str) -> Stored:
        """Note that a document holds, whatever has changed above it."""
        store = self._store
        stored = await self.read(config, document_id)
        ancestors = await store.ancestors(config, stored.document)
        basis = basis_of({entity: each["data"] for entity, each in ancestors.items()})
        return await self._edit(
            config, document_id, lambda _: [Change(path=("data", "basis"), value=basis)]
        )

    async def delete(self, config: EntityConfig, document_id: str) -> Deleted:
        """Delete a document and everything below it; it can be undone for 30 days.

        Returns:
            What went with it.
        """
        try:
            deleted = await self._store.delete(config, document_id)
        except NoSuchDocument:
            raise failures.no_such_document(config) from None
        self._tell(Removed(config.entity, deleted.id))
        return deleted

    async def restore(self, config: EntityConfig, document_id: str) -> Deleted:
        """Undo a deletion: what went with the document comes back, and nothing else.

        Raises:
            UserError: ``not_restorable`` (404).
        """
        try:
            restored = await self._store.restore(config, document_id)
        except NoSuchDocument:
            raise failures.not_restorable(config) from None
        self._tell(Added(config.entity, restored.id, restored.name))
        return restored

    async def relations(self, config: EntityConfig, document_id: str) -> Relations:
        """What is above and below a document, and what has changed above it."""
        store = self._store
        document = (await self.read(config, document_id)).document
        ancestors = await store.ancestors(config, document)
        query = ListQuery(
            parents={config.entity: document["id"]}, sort="created", limit=MOST_RELATIVES
        )
        pages = {each.entity: await store.search(each, query) for each in below(config.entity)}
        context = {entity: each["data"] for entity, each in ancestors.items()}
        return Relations(
            above=tuple(
                Relative(each.entity, ancestors[each.entity]["id"], ancestors[each.entity]["name"])
                for each in above(config.entity)
                if each.entity in ancestors
            ),
            below={entity: Below(page.total, page.rows) for entity, page in pages.items()},
            outdated=tuple(outdated(config.entity, document["data"]["basis"], context)),
        )

    async def versions(
        self, config: EntityConfig, document_id: str, *, before: int | None = None, limit: int = 25
    ) -> Versions:
        """The writes of a document, newest first.

        Args:
            config: The entity.
            document_id: Its id.
            before: ``Versions.next_before`` of the answer before.
            limit: Most of them, up to 100.
        """
        await self.read(config, document_id)
        found = await self._store.writes(config, document_id, before=before, limit=limit + 1)
        entries = tuple(_entry(config, write) for write in found[:limit])
        return Versions(entries, entries[-1].id if len(found) > limit else None)

    async def history(self, config: EntityConfig, document_id: str, field: str) -> list[Earlier]:
        """What a card, the name or the description has held, newest first.

        Args:
            config: The entity.
            document_id: Its id.
            field: Key of a card that is no record, ``name`` or ``description``; of a record one of
                its attributes, as ``firmographics.employees``.

        Raises:
            UserError: ``unknown_card`` (422).
        """
        document = (await self.read(config, document_id)).document
        kind = config.kind_of(document["data"])
        path = _fields(config, kind).get(field)
        if path is None:
            raise failures.unknown_card(config, field, kind)
        return await self._store.history(config, document_id, path)

    async def suggest(
        self, config: EntityConfig, document_id: str, *, entity: str = "", most: int | None = None
    ) -> Suggesting:
        """Have several documents written below one; each counts as one generation.

        Args:
            config: The entity of the document above.
            document_id: Its id.
            entity: What is to be suggested; may be empty where only one can be.
            most: Most documents.

        Raises:
            UserError: ``invalid_input`` (422).
        """
        stored = await self.read(config, document_id)
        request = await suggestion_for(
            self._store, config, stored.document, entity=entity, most=most
        )
        if stored.document["status"] == "draft":
            await self.patch(config, document_id, {"status": "saved"})
        suggestions = self._workspace.suggestions
        return Suggesting(
            self._workspace,
            suggestions.start(self._identity.user_id, request, key=self.key),
        )

    async def generate(
        self,
        config: EntityConfig,
        inputs: Mapping[str, str],
        parents: Mapping[str, str],
        *,
        document_id: str = "",
    ) -> Writing:
        """Begin to write a new document, which is kept.

        Args:
            config: The entity.
            inputs: Values of the form, without what it takes over from above.
            parents: Ids of what it is to be directly below; the outer ones may be left out.
            document_id: The id that it is to get; see ``read`` for whether there is one with it.

        Raises:
            UserError: ``invalid_input``, ``invalid_url``, ``too_little_text``, ``parent_missing``,
                ``generation_running``. What is found out later ends the events.
        """
        store = self._store
        parents = await self._parents(config, parents)
        ancestors = await store.ancestors_of_parents(config, parents)
        request = request_for_new(self._runtime, config, inputs, parents, ancestors)
        return await begin(self._workspace, store, request, key=self.key, new_id=document_id)

    async def generate_again(
        self,
        config: EntityConfig,
        document_id: str,
        *,
        only: str = "",
        inputs: Mapping[str, str] | None = None,
    ) -> Writing:
        """Begin to write a document, or one card of it, again. What a person wrote stays.

        Args:
            config: The entity.
            document_id: Its id.
            only: Key of the card; empty for all of the document.
            inputs: Values of the form that are to be others than before.

        Raises:
            UserError: As ``generate``, and ``unknown_card``.
        """
        store = self._store
        document = (await self.read(config, document_id)).document
        ancestors = await store.ancestors_of_parents(config, document["parents"])
        request = request_for_again(
            self._runtime, config, document, ancestors, inputs=inputs or {}, only=only
        )
        return await begin(
            self._workspace, store, request, key=self.key, document_id=document["id"]
        )

    async def export(
        self,
        config: EntityConfig,
        document_id: str,
        format_key: str = "markdown",
        *,
        with_below: bool = True,
    ) -> ExportedFile:
        """A document, and everything below it, as a file.

        Args:
            config: The entity.
            document_id: Its id.
            format_key: Of ``FORMATS``.
            with_below: Whether what is below it comes along.

        Raises:
            UserError: ``invalid_input`` or ``plan_too_large`` (422).
        """
        chosen = FORMATS.get(format_key)
        documents = await documents_below(
            self._store,
            config,
            document_id,
            with_above=chosen is not None and chosen.needs_parents,
            with_below=with_below,
        )
        if not documents:
            raise failures.no_such_document(config)
        # A large plan takes a second, in which everybody else would wait.
        return await asyncio.to_thread(export, format_key, documents)

    async def _edit(
        self, config: EntityConfig, document_id: str, decide: Any, origin: Origin = "edited"
    ) -> Stored:
        try:
            stored, changes = await self._store.edit(config, document_id, decide, origin)
        except NoSuchDocument:
            raise failures.no_such_document(config) from None
        if changes:
            self._tell(Saved(config.entity, stored.document["id"], changes))
        return stored

    async def _parents(self, config: EntityConfig, given: Mapping[str, str]) -> dict[str, str]:
        """All that a new document is directly below; the outer ones follow from the inner ones."""
        known = {parent.entity: parent for parent in config.parents}
        if unknown := sorted(str(entity) for entity in given if entity not in known):
            raise failures.no_such_parent(config, unknown[0])
        found = {entity: str(key) for entity, key in given.items() if key}
        for parent in reversed(config.parents):
            if parent.within and parent.within not in found and parent.entity in found:
                inner = ENTITIES[parent.entity]
                document: Document | None = await self._store.get(inner, found[parent.entity])
                if document is None:
                    raise parent_missing(config, parent.entity)
                found[parent.within] = document["parents"][parent.within]
        for parent in config.parents:
            if parent.entity not in found:
                raise failures.parent_needed(config, parent.entity)
        return {parent.entity: found[parent.entity] for parent in config.parents}

    def _tell(self, news: Added | Removed | Saved) -> None:
        """Tell the user's open pages."""
        self._workspace.feed.publish(self._identity.user_id, news)


def _fields(config: EntityConfig, kind: str) -> dict[str, tuple[str, ...]]:
    """Where what can be asked for by a name stands in a document."""
    fields = {"name": ("name",), "description": ("data", "description")}
    for card in config.cards_of(kind):
        if card.shape == "record":  # each attribute is written, and so remembered, by itself
            fields |= {f"{card.key}.{a.name}": ("data", *card.at, a.name) for a in card.attributes}
        else:
            fields[card.key] = ("data", *card.at)
    return fields


def _entry(config: EntityConfig, write: Write) -> VersionEntry:
    names: dict[str, None] = {}
    for path in write.paths:
        if path in (("name",), ("data", config.name_field)):
            names["name"] = None
        elif path == ("data", "description"):
            names["description"] = None
        elif path == ("data",):
            return VersionEntry(write.version, write.origin, write.at, _everything(config))
        else:
            names |= dict.fromkeys(c.key for c in config.cards if _is_on(path, c))
    return VersionEntry(write.version, write.origin, write.at, tuple(names))


def _is_on(path: tuple[str, ...], card: Card) -> bool:
    """Whether a write at a path is a write of a card."""
    places = [("data", *card.at)]
    if card.shape == "record":
        places = [("data", *card.at, attribute.name) for attribute in card.attributes]
    return any(all(a == b for a, b in zip(path, place, strict=False)) for place in places)


def _everything(config: EntityConfig) -> tuple[str, ...]:
    return ("name", "description", *(card.key for card in config.cards))
