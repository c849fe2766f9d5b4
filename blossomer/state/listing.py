"""Lists of documents: searched, filtered, sorted, in pages. What is listed stands in the address.

A change of a filter is a change of the address, so that a list can be linked to and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import reflex as rx
from pydantic import Field

from blossomer.entities import ENTITIES
from blossomer.entities.addresses import entity_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.document import is_identifier
from blossomer.entities.listing import (
    MOST_SEARCH,
    PAGE_ROWS,
    ListPage,
    ListQuery,
    ListRow,
    lineage_ids,
    select_rows,
)
from blossomer.errors import UserError
from blossomer.state.choosing import MOST_CHOICES
from blossomer.state.draft_list import draft_request
from blossomer.state.drafts import LIST
from blossomer.state.family import RowView, row_view
from blossomer.state.messages import DraftsRead
from blossomer.state.stores import EntityKey, StoresMixin
from blossomer.state.validation import plain, validated
from blossomer.state.views import ChoiceView

SORTS = {
    "updated": ("Last changed", "updated", True),
    "created": ("Newest", "created", True),
    "name": ("Name, A to Z", "name", False),
    "name-desc": ("Name, Z to A", "name", True),
}
"""By the word in the address: label, what it sorts by, and whether the last comes first."""

FILTERS = ("q", "kind", "status", "confidence", "sort", "page")
"""Words in the address beside the entities above."""

FilterName = Annotated[str, Field(max_length=40)]
FilterValue = Annotated[str, Field(max_length=MOST_SEARCH)]
BoxNumber = Annotated[int, Field(ge=0)]


class ListingMixin(StoresMixin, mixin=True):
    """The variables of a list's page. ``list_phase`` is loading, ready, or unavailable."""

    list_phase: str = "loading"
    list_rows: list[RowView] = []
    list_total: int = 0
    list_all: int = 0
    """How many there are without any filter; 0 means there is nothing to search."""
    list_filters: dict[str, str] = {}
    list_parents: dict[str, list[ChoiceView]] = {entity: [] for entity in ENTITIES}
    """What can be filtered by, by entity above."""
    list_page: int = 1
    list_pages: int = 1

    search_box: int = 0
    """Which input for the search is on the page: what a new one holds at first is told once."""
    search_text: str = ""

    _searched: str = ""
    """What that input holds, as far as is known here."""
    _asked: dict[str, str] | None = None
    """Filters on their way into the address: a second choice goes on from them, however soon."""

    @rx.event
    @validated
    async def load_list(self, entity: EntityKey) -> Any:
        """Show the list that the address asks for."""
        if entity not in ENTITIES:
            return None
        if (away := self._elsewhere()) is not None:
            return rx.redirect(away, replace=True)
        if entity != self.entity or self._wanted != LIST:
            self._keep_draft()
            self._open(None)
            self._show_nothing("loading")
            self.entity, self.list_phase = entity, "loading"
            self.list_rows, self.list_total, self.list_all = [], 0, 0
            self._asked = None
            self._fill_search("")
        self._wanted = LIST
        self._show_going()
        await self._count_left()
        asked = {str(k): str(v) for k, v in self.router.url.query_parameters.items()}
        self.list_filters = _known_filters(self._config, asked)
        if self.list_filters == self._asked:
            self._asked = None
        if (text := self.list_filters.get("q", "")) != self._searched and self._asked is None:
            self._fill_search(text)
        if not self._owner:
            self.drafts_request = draft_request("", text=self.list_filters.get("q", ""))
            return None
        await self._list_database()
        return None

    async def _list_database(self) -> None:
        workspace, config = self._workspace, self._config
        if workspace is None:
            self.list_phase = "unavailable"
            return
        store, query = workspace.store(self._owner or ""), query_of(config, self.list_filters)
        parents: dict[str, list[ListRow]] = {}
        try:
            # So that whatever is written after this is told to this page.
            await workspace.feed.joined(self._owner or "", self._tab)
            page = await store.search(config, query)
            for parent in config.parents:
                above = ENTITIES[parent.entity]
                within = _within(config, parent.within, query.parents)
                choices = await store.search(above, ListQuery(parents=within, limit=MOST_CHOICES))
                parents[parent.entity] = list(choices.rows)
            everything = page.total
            if _is_filtered(query):
                everything = (await store.search(config, ListQuery(limit=1))).total
            names = await self._names_above(page, parents)
        except UserError:
            self.list_phase = "unavailable"
            return
        self._show_list(page, everything, parents, names)

    async def _names_above(
        self, page: ListPage, parents: Mapping[str, list[ListRow]]
    ) -> dict[tuple[str, str], str]:
        """The names of what the rows are directly below, by entity and id."""
        names = {(row.entity, row.id): row.name for rows in parents.values() for row in rows}
        nearest = self._config.parents[-1].entity if self._config.parents else ""
        wanted = {row.parents.get(nearest, "") for row in page.rows}
        missing = [key for key in wanted if key and (nearest, key) not in names]
        if missing and (workspace := self._workspace) is not None:
            store = workspace.store(self._owner or "")
            found = await store.names(ENTITIES[nearest], missing)
            names |= {(nearest, key): name for key, name in found.items()}
        return names

    def _show_list_of_drafts(self, message: DraftsRead) -> None:
        """Draw the list from what the browser has."""
        if not message.available:
            self.storage = "unavailable"
        config, rows = self._config, plain(self._rows)
        query = query_of(config, self.list_filters)
        parents = {
            parent.entity: [
                row
                for row in rows
                if row.entity == parent.entity
                and _within(config, parent.within, query.parents).items()
                <= {**row.parents, **lineage_ids(row, {})}.items()
            ]
            for parent in config.parents
        }
        names = {(row.entity, row.id): row.name for row in rows}
        everything = sum(row.entity == config.entity for row in rows)
        self._show_list(select_rows(config, rows, query), everything, parents, names)

    def _show_list(
        self,
        page: ListPage,
        everything: int,
        parents: Mapping[str, list[ListRow]],
        names: Mapping[tuple[str, str], str],
    ) -> None:
        config = self._config
        nearest = config.parents[-1].entity if config.parents else ""
        self.list_rows = [
            row_view(
                self._place,
                config,
                row,
                parent=names.get((nearest, row.parents.get(nearest, "")), ""),
            )
            for row in page.rows
        ]
        self.list_total, self.list_all = page.total, everything
        self.list_parents = {
            entity: [
                ChoiceView(id=row.id, name=row.name)
                for row in parents.get(entity, [])[:MOST_CHOICES]
            ]
            for entity in ENTITIES
        }
        self.list_pages = max(1, -(-page.total // PAGE_ROWS))
        self.list_page = _page_number(self.list_filters)
        self.list_phase = "ready"

    def _fill_search(self, text: str) -> None:
        """Put a new input for the search on the page, with this in it."""
        self.search_box += 1
        self.search_text = self._searched = text

    @rx.event
    @validated
    async def search_list(self, box: BoxNumber, text: FilterValue) -> Any:
        """Look for what is typed into an input for the search."""
        if self.entity not in ENTITIES:
            return None
        self._searched = _known_filters(self._config, {"q": text}).get("q", "")
        if box != self.search_box:  # typed while the page changed, and shown no more
            self._fill_search(self._searched)
        return await self._filter("q", text)

    @rx.event
    @validated
    async def filter_list(self, name: FilterName, value: FilterValue) -> Any:
        """Filter, sort, or turn a page."""
        return await self._filter(name, value)

    async def _filter(self, name: str, value: str) -> Any:
        if self.entity not in ENTITIES or self._wanted != LIST:
            return None
        chosen = plain(self.list_filters if self._asked is None else self._asked)
        filters = _known_filters(self._config, {**chosen, name: value})
        if name != "page":
            filters.pop("page", None)
        for parent in self._config.parents:
            if parent.within == name:
                filters.pop(parent.entity, None)  # what was chosen is not below this one
        return self._go_to(filters)

    @rx.event
    @validated
    async def clear_filters(self) -> Any:
        """Show everything again."""
        return self._go_to({}) if self.entity in ENTITIES else None

    def _go_to(self, filters: Mapping[str, str]) -> Any:
        self._asked = dict(filters)
        self.list_filters = dict(filters)
        address = entity_address(self._place, self._config)
        query = urlencode(filters)
        return rx.redirect(f"{address}?{query}" if query else address, replace=True)

    def _list_again(self) -> Any:
        return self._event("load_list")(self.entity) if self._wanted == LIST else None


def query_of(config: EntityConfig, filters: Mapping[str, str]) -> ListQuery:
    """What a list's address asks for."""
    _, sort, descending = SORTS[filters.get("sort", "updated")]
    return ListQuery(
        text=filters.get("q", ""),
        parents={entity: filters[entity] for entity in ENTITIES if entity in filters},
        kind=filters.get("kind", "") if config.kinds else "",
        status=filters.get("status", ""),
        confidence=filters.get("confidence", ""),
        sort=sort,  # type: ignore[arg-type]
        descending=descending,
        offset=(_page_number(filters) - 1) * PAGE_ROWS,
        limit=PAGE_ROWS,
    )


def _known_filters(config: EntityConfig, asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address, without what means nothing."""
    kinds = {kind.value for kind in config.kinds}
    allowed = {
        "kind": kinds,
        "status": {"draft", "saved"},
        "confidence": {"high", "medium", "low"},
        "sort": set(SORTS),
    }
    filters = {name: value for name in allowed if (value := asked.get(name, "")) in allowed[name]}
    if text := asked.get("q", "").strip()[:MOST_SEARCH]:
        filters["q"] = text
    for entity in ENTITIES:
        if is_identifier(key := asked.get(entity, "")):
            filters[entity] = key
    if (page := asked.get("page", "")).isascii() and page.isdecimal() and 1 < int(page) < 10_000:
        filters["page"] = str(int(page))
    return filters


def _page_number(filters: Mapping[str, str]) -> int:
    return int(filters.get("page", "1"))


def _is_filtered(query: ListQuery) -> bool:
    return bool(query.text or query.parents or query.kind or query.status or query.confidence)


def _within(config: EntityConfig, within: str, parents: Mapping[str, str]) -> dict[str, str]:
    """By what the choices of a filter are narrowed themselves."""
    names = (
        [within] if within else [e for e in parents if e not in {p.entity for p in config.parents}]
    )
    return {name: parents[name] for name in names if name in parents}
