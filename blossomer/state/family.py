"""A document's relatives on its page: what it is below, what is below it, and what has changed.

Only shows. Where the relatives come from is the stores' business (``drafts.py``, ``rows.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blossomer.entities import ENTITIES, above
from blossomer.entities.addresses import APP_ROOT, document_address, entity_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import Document
from blossomer.entities.lineage import outdated
from blossomer.entities.listing import MOST_DESCRIPTION, ListPage, ListRow
from blossomer.state.document import DocumentMixin
from blossomer.state.validation import plain
from blossomer.state.views import shown_moment

MOST_CHILDREN = 12
"""Documents below the open one that its page shows; the list has all of them."""


@dataclass
class CrumbView:
    """One step of the way from the list to the open document."""

    label: str = ""
    link: str = ""


@dataclass
class RowView:
    """One document in a list: on a list's page, or below the open document."""

    id: str = ""
    entity: str = ""
    name: str = ""
    description: str = ""
    link: str = ""
    parent: str = ""
    """Name of the nearest document above, where the list shows it."""
    kind: str = ""
    icon: str = ""
    is_draft: bool = False
    confidence: str = ""
    is_outdated: bool = False
    updated: str = ""


@dataclass
class OutdatedView:
    """A document above the open one that has changed since."""

    label: str = ""
    name: str = ""
    link: str = ""
    fields: str = ""


class FamilyMixin(DocumentMixin, mixin=True):
    """The variables that show relatives."""

    crumbs: list[CrumbView] = []
    # With every entity from the beginning: a page that is drawn before it is filled reads them too.
    children_rows: dict[str, list[RowView]] = {entity: [] for entity in ENTITIES}
    """What is directly below the open document, by entity."""
    children_counts: dict[str, int] = dict.fromkeys(ENTITIES, 0)
    outdated: list[OutdatedView] = []

    _ancestors: dict[str, Document] = {}
    """What the open document is below, by entity."""

    def _show_family(
        self, ancestors: Mapping[str, Document], pages: Mapping[str, ListPage]
    ) -> None:
        """Draw the relatives of the open document.

        Args:
            ancestors: Everything above it, by entity; what is missing is not shown.
            pages: What is directly below it, by entity.
        """
        self._ancestors = dict(ancestors)
        self._show_ancestors()
        shown = {entity: pages.get(entity, ListPage()) for entity in ENTITIES}
        self.children_counts = {entity: page.total for entity, page in shown.items()}
        self.children_rows = {
            entity: [self._child_view(ENTITIES[entity], row) for row in page.rows[:MOST_CHILDREN]]
            for entity, page in shown.items()
        }

    def _show_ancestors(self) -> None:
        """Draw the way to the open document, and what has changed above it."""
        ancestors = plain(self._ancestors)
        config = self._config
        self.crumbs = _crumbs(self._place, config, ancestors)
        document = plain(self._documents.get(self.document_id))
        found = []
        if document is not None:
            for change in outdated(config.entity, document["data"]["basis"], self._context()):
                parent = ancestors[change.entity]
                found.append(
                    OutdatedView(
                        label=ENTITIES[change.entity].label,
                        name=parent["name"],
                        link=_address(self._place, parent),
                        fields=", ".join(change.fields),
                    )
                )
        self.outdated = found

    def _context(self) -> dict[str, dict[str, Any]]:
        """The data of everything above the open document, by entity."""
        return {entity: document["data"] for entity, document in plain(self._ancestors).items()}

    def _child_view(self, config: EntityConfig, row: ListRow) -> RowView:
        present = self._context() | {self.entity: plain(self._documents[self.document_id])["data"]}
        stale = outdated(config.entity, row.basis, present)
        return row_view(self._place, config, row, is_outdated=bool(stale))

    def _forget_family(self) -> None:
        self.crumbs, self.outdated = [], []
        self.children_rows = {entity: [] for entity in ENTITIES}
        self.children_counts = dict.fromkeys(ENTITIES, 0)
        self._ancestors = {}


def row_view(
    place: str, config: EntityConfig, row: ListRow, *, parent: str = "", is_outdated: bool = False
) -> RowView:
    """One row as a list shows it."""
    kind = next((kind for kind in config.kinds if kind.value == row.kind), None)
    return RowView(
        id=row.id,
        entity=row.entity,
        name=row.name,
        description=_shortened(row.description),
        link=document_address(place, config, row.id, row.parents),
        parent=parent,
        kind=kind.label if kind else "",
        icon=kind.icon if kind else config.icon,
        # In the browser everything is a draft, kept until it is deleted: it says nothing there.
        is_draft=row.status == "draft" and place == APP_ROOT,
        confidence=row.confidence,
        is_outdated=is_outdated,
        updated=shown_moment(row.updated_at),
    )


def _shortened(text: str) -> str:
    """A row holds the beginning of a description; where it was cut, it says so."""
    if len(text) < MOST_DESCRIPTION:
        return text
    return text.rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _crumbs(place: str, config: EntityConfig, ancestors: Mapping[str, Document]) -> list[CrumbView]:
    crumbs = [
        CrumbView(
            label=ancestors[entity.entity]["name"], link=_address(place, ancestors[entity.entity])
        )
        for entity in above(config.entity)
        if entity.entity in ancestors
    ]
    if config.parents:
        crumbs.append(CrumbView(label=config.label_plural, link=entity_address(place, config)))
    return crumbs


def _address(place: str, document: Document) -> str:
    config = ENTITIES[document["entity"]]
    return document_address(place, config, document["id"], document["parents"])
