"""The list page of any entity, in the playground and in the app, from its configuration."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.cards.states import message_state, storage_notice
from blossomer.components.editors.confirm import delete_dialog
from blossomer.components.entity_page import browser_drafts
from blossomer.components.export_menu import list_export_menu
from blossomer.components.family import row_chips
from blossomer.components.layout import main_layout
from blossomer.components.place import Place
from blossomer.components.ui import action_button, icon, icon_button, link_button, page_link
from blossomer.components.ui.inputs import INPUT
from blossomer.entities import ENTITIES
from blossomer.entities.addresses import new_address
from blossomer.entities.config import EntityConfig
from blossomer.entities.listing import MOST_SEARCH
from blossomer.state.entity_page import EntityPageState
from blossomer.state.family import RowView
from blossomer.state.listing import SORTS

_SELECT = INPUT + " min-h-11 sm:w-auto sm:max-w-56 py-2 text-sm"


def entity_list(config: EntityConfig, place: Place) -> rx.Component:
    """Browse, search, filter, sort, page, open, delete. Everything else is on a document's page.

    Args:
        config: The entity.
        place: The part of the product that the page belongs to.
    """
    state = EntityPageState
    return main_layout(
        rx.fragment() if place.has_account else browser_drafts(),
        rx.el.div(
            rx.fragment() if place.has_account else storage_notice(),
            # An empty list has a heading of its own.
            rx.cond(
                (state.list_phase == "ready") & (state.list_all == 0),
                rx.fragment(),
                _header(config, place),
            ),
            rx.match(
                state.list_phase,
                (
                    "ready",
                    rx.cond(
                        state.list_all > 0,
                        rx.fragment(_filters(config), _rows(config), _pages()),
                        _empty(config, place),
                    ),
                ),
                ("unavailable", _unavailable(config)),
                _loading(),
            ),
            class_name="mx-auto flex max-w-6xl flex-col gap-5",
        ),
        delete_dialog(place),
        place=place,
        active=config.entity,
    )


def _header(config: EntityConfig, place: Place) -> rx.Component:
    state = EntityPageState
    return rx.el.div(
        rx.el.h1(config.label_plural, class_name="display text-3xl font-semibold sm:text-4xl"),
        rx.cond(
            state.list_all > 0,
            rx.el.div(
                list_export_menu(config),
                link_button(
                    icon("plus", 16),
                    f"New {config.label.lower()}",
                    href=new_address(place.root, config),
                    kind="primary",
                ),
                class_name="flex items-center gap-2",
            ),
        ),
        class_name="flex flex-wrap items-center justify-between gap-3",
    )


def _filters(config: EntityConfig) -> rx.Component:
    state = EntityPageState
    return rx.el.div(
        rx.el.div(
            icon("search", 17, "absolute left-3.5 top-1/2 -translate-y-1/2 text-faint"),
            rx.el.input(
                type="search",
                # Another key is another input: React does not hear of what is typed into one whose
                # first value has been changed.
                key=state.search_box.to_string(),
                default_value=state.search_text,
                placeholder=f"Search {config.label_plural.lower()}",
                aria_label=f"Search {config.label_plural.lower()}",
                max_length=MOST_SEARCH,
                on_change=lambda text: state.search_list(state.search_box, text).debounce(250),
                class_name=INPUT + " min-h-11 pl-10",
            ),
            class_name="relative col-span-2 min-w-0 flex-1 basis-64",
        ),
        *(_parent_filter(parent.entity) for parent in config.parents),
        _filter("kind", "Type", [(kind.value, kind.label) for kind in config.kinds])
        if config.kinds
        else rx.fragment(),
        _filter("status", "Status", [("saved", "Saved"), ("draft", "New")]),
        _filter(
            "confidence", "Confidence", [("high", "High"), ("medium", "Medium"), ("low", "Low")]
        ),
        _filter(
            "sort", "Sort by", [(key, label) for key, (label, _, _) in SORTS.items()], "updated"
        ),
        role="search",
        class_name="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center",
    )


def _filter(
    name: str, label: str, options: list[tuple[str, str]], default: str = ""
) -> rx.Component:
    state = EntityPageState
    chosen = state.list_filters[name]
    first = [] if default else [rx.el.option(f"{label}: all", value="")]
    return rx.el.select(
        *first,
        *(rx.el.option(words, value=value) for value, words in options),
        value=rx.cond(chosen, chosen, default),
        on_change=lambda value: state.filter_list(name, value),
        aria_label=label,
        class_name=_SELECT,
    )


def _parent_filter(entity: str) -> rx.Component:
    state, config = EntityPageState, ENTITIES[entity]
    chosen = state.list_filters[entity]
    return rx.el.select(
        rx.el.option(f"{config.label}: all", value=""),
        rx.foreach(state.list_parents[entity], lambda c: rx.el.option(c.name, value=c.id)),
        value=rx.cond(chosen, chosen, ""),
        on_change=lambda value: state.filter_list(entity, value),
        aria_label=config.label,
        class_name=_SELECT,
    )


def _rows(config: EntityConfig) -> rx.Component:
    state = EntityPageState
    return rx.cond(
        state.list_rows.length() > 0,
        rx.el.ul(
            rx.foreach(state.list_rows, _row),
            aria_label=config.label_plural,
            class_name="divide-y divide-line rounded-2xl border border-line bg-surface card-shadow",
        ),
        rx.el.div(
            rx.el.p("Nothing matches.", class_name="font-medium text-ink"),
            action_button("Show all", on_click=state.clear_filters, class_name="mt-3"),
            role="status",
            class_name="rounded-2xl border border-dashed border-line-strong p-8 text-center",
        ),
    )


def _row(row: rx.Var[RowView]) -> rx.Component:
    state = EntityPageState
    return rx.el.li(
        rx.el.div(
            rx.el.h2(
                page_link(
                    row.name,
                    href=row.link,
                    dir="auto",
                    class_name=(
                        "font-semibold text-ink hover:underline after:absolute after:inset-0"
                    ),
                ),
                class_name="min-w-0 text-base",
            ),
            rx.cond(
                row.parent != "",
                rx.el.p(row.parent, dir="auto", class_name="truncate text-sm text-muted"),
            ),
            rx.el.p(row.description, dir="auto", class_name="line-clamp-2 text-sm text-muted"),
            row_chips(row),
            class_name="min-w-0 flex-1",
        ),
        rx.el.div(
            rx.el.span(
                row.updated, class_name="hidden whitespace-nowrap text-xs text-faint sm:inline"
            ),
            icon_button(
                "Delete " + row.name,
                "trash-2",
                on_click=state.ask_to_delete(row.entity, row.id, row.name),
                class_name="relative z-10 hover:text-bad",
            ),
            class_name="flex shrink-0 items-center gap-2",
        ),
        class_name="relative flex items-start gap-3 px-5 py-4 hover:bg-sunken/60",
    )


def _pages() -> rx.Component:
    state = EntityPageState
    page, last = state.list_page, state.list_pages
    return rx.el.nav(
        rx.el.p(
            state.list_total.to_string(),
            rx.cond(state.list_total == 1, " entry", " entries"),
            role="status",
            class_name="mr-auto text-sm text-muted",
        ),
        rx.cond(
            last > 1,
            rx.fragment(
                icon_button(
                    "Previous page",
                    "chevron-left",
                    disabled=page <= 1,
                    on_click=state.filter_list("page", (page - 1).to_string()),
                ),
                rx.el.span(
                    "Page ",
                    page.to_string(),
                    " of ",
                    last.to_string(),
                    class_name="text-sm text-muted",
                ),
                icon_button(
                    "Next page",
                    "chevron-right",
                    disabled=page >= last,
                    on_click=state.filter_list("page", (page + 1).to_string()),
                ),
            ),
        ),
        aria_label="Pages",
        class_name="flex items-center gap-2",
    )


def _empty(config: EntityConfig, place: Place) -> rx.Component:
    ways: list[Any] = [
        link_button(
            icon("plus", 16),
            config.form.button,
            href=new_address(place.root, config),
            kind="primary",
        )
    ]
    if config.suggestions:
        above = ENTITIES[config.parents[-1].entity]
        ways.append(
            link_button(f"Go to a {above.label.lower()}", href=place.path(above), kind="secondary")
        )
    return message_state(config.empty.icon, config.empty.title, config.empty.subtitle, *ways)


def _unavailable(config: EntityConfig) -> rx.Component:
    return message_state(
        "cloud-off",
        "Your work cannot be reached right now",
        "The database does not answer. Nothing is lost. This page tries again by itself every few "
        "seconds.",
        action_button("Try now", kind="primary", on_click=EntityPageState.load_list(config.entity)),
    )


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.span("Loading", class_name="sr-only"),
        *(rx.el.div(class_name="skeleton h-20 rounded-2xl") for _ in range(5)),
        role="status",
        class_name="flex flex-col gap-3",
    )
