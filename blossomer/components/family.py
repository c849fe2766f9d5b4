"""A document's relatives on its page: the way to it, what changed above it, what is below it."""

from __future__ import annotations

import reflex as rx

from blossomer.components.place import Place
from blossomer.components.ui import (
    action_button,
    confidence_chip,
    icon,
    link_button,
    notice,
    page_link,
    spinner,
)
from blossomer.entities.addresses import NEW, entity_address
from blossomer.entities.config import EntityConfig
from blossomer.state.entity_page import EntityPageState
from blossomer.state.family import CrumbView, OutdatedView, RowView
from blossomer.state.suggesting import SuggestedView


def breadcrumbs() -> rx.Component:
    """The way from the top to the open document."""
    state = EntityPageState
    return rx.cond(
        state.crumbs.length() > 0,
        rx.el.nav(
            rx.el.ol(
                rx.foreach(state.crumbs, _crumb),
                class_name="flex flex-wrap items-center gap-x-1 gap-y-0.5 text-sm text-muted",
            ),
            aria_label="Breadcrumb",
        ),
    )


def _crumb(crumb: rx.Var[CrumbView], index: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.cond(index > 0, icon("chevron-right", 14, "text-faint")),
        page_link(
            crumb.label,
            href=crumb.link,
            dir="auto",
            class_name="max-w-60 truncate rounded px-1 py-1 hover:text-ink hover:underline",
        ),
        class_name="flex min-w-0 items-center",
    )


def outdated_notice(config: EntityConfig) -> rx.Component:
    """Says what has changed above the open document since it was written."""
    state = EntityPageState
    return rx.cond(
        (state.outdated.length() > 0) & ~state.generating,
        notice(
            rx.el.p(
                rx.el.strong(f"What this {config.label.lower()} rests on has changed since."),
            ),
            rx.el.ul(
                rx.foreach(state.outdated, _changed), class_name="mt-1 list-disc pl-4 text-ink"
            ),
            rx.el.div(
                action_button("Write again", on_click=state.write_again, class_name="text-ink"),
                action_button("It still holds", kind="quiet", on_click=state.still_right),
                class_name="mt-3 flex flex-wrap gap-2",
            ),
            tone="warn",
            icon_name="history",
            role="status",
            data_testid="outdated",
        ),
    )


def _changed(change: rx.Var[OutdatedView]) -> rx.Component:
    return rx.el.li(
        change.label,
        " ",
        page_link(change.name, href=change.link, class_name="underline underline-offset-2"),
        ": ",
        change.fields,
    )


def children_section(config: EntityConfig, child: EntityConfig, place: Place) -> rx.Component:
    """What is directly below the open document, and the ways to have more of it.

    Args:
        config: The open document's entity.
        child: The entity below.
        place: The part of the product.
    """
    state = EntityPageState
    rows = state.children_rows[child.entity]
    heading = f"children-{child.entity}"
    of_this = f"?{config.entity}="
    return rx.el.section(
        rx.el.div(
            rx.el.h2(
                icon(child.icon, 20, "text-muted"),
                child.label_plural,
                rx.cond(
                    state.children_counts[child.entity] > 0,
                    rx.el.span(
                        state.children_counts[child.entity].to_string(),
                        class_name="rounded-full bg-sunken px-2 text-sm font-medium text-muted",
                    ),
                ),
                id=heading,
                class_name="display flex items-center gap-2 text-xl font-semibold",
            ),
            rx.el.div(
                rx.cond(
                    state.children_counts[child.entity] > 0,
                    link_button(
                        "Show all",
                        href=entity_address(place.root, child) + of_this + state.document_id,
                        kind="quiet",
                    ),
                ),
                _suggest_button(child),
                link_button(
                    icon("plus", 16),
                    child.label,
                    href=f"{entity_address(place.root, child)}/{NEW}{of_this}" + state.document_id,
                ),
                class_name="flex flex-wrap items-center gap-2",
            ),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        _suggestions(child),
        rx.cond(
            rows.length() > 0,
            rx.el.ul(
                rx.foreach(rows, row_card), class_name="grid gap-4 sm:grid-cols-2 xl:grid-cols-3"
            ),
            rx.el.p(child.empty.subtitle, class_name="text-muted"),
        ),
        aria_labelledby=heading,
        data_children=child.entity,
        class_name="flex flex-col gap-4 border-t border-line pt-6",
    )


def _suggest_button(child: EntityConfig) -> rx.Component:
    if child.suggestions is None:
        return rx.fragment()
    state = EntityPageState
    return rx.cond(
        state.suggestions[child.entity].state == "going",
        action_button(
            icon("x", 16), "Stop suggesting", on_click=state.stop_suggesting(child.entity)
        ),
        action_button(
            icon("sparkles", 16),
            child.suggestions.button,
            on_click=state.suggest(child.entity),
            disabled=state.generating,
        ),
    )


def _suggestions(child: EntityConfig) -> rx.Component:
    """What goes on while several documents are written at once."""
    if child.suggestions is None:
        return rx.fragment()
    state = EntityPageState
    view = state.suggestions[child.entity]
    going = rx.el.div(
        rx.cond(
            view.state == "going",
            rx.el.p(
                spinner(16),
                rx.cond(view.stage != "", view.stage, f"Finding {child.label_plural.lower()}"),
                class_name="flex items-center gap-2 text-sm font-medium text-accent",
            ),
        ),
        rx.el.ul(
            rx.foreach(view.suggested, _suggested), class_name="flex flex-col gap-1.5 text-sm"
        ),
        role="status",
        class_name="flex flex-col gap-3 rounded-2xl border border-line bg-surface p-5",
        data_testid="suggestions",
    )
    return rx.match(
        view.state,
        ("going", going),
        (
            "over",
            rx.cond(
                view.message != "",
                notice(
                    rx.el.p(rx.el.strong(view.message)),
                    rx.el.p(view.action, class_name="mt-1"),
                    action_button(
                        "Dismiss", kind="quiet", on_click=state.dismiss_suggestions(child.entity)
                    ),
                    tone="bad",
                    icon_name="triangle-alert",
                    role="alert",
                ),
                rx.cond(view.has_failed, going),
            ),
        ),
        rx.fragment(),
    )


def _suggested(item: rx.Var[SuggestedView]) -> rx.Component:
    return rx.el.li(
        rx.match(
            item.state,
            ("done", icon("circle-check", 18, "text-good")),
            ("failed", icon("circle-x", 18, "text-bad")),
            rx.el.span(spinner(18), class_name="text-accent"),
        ),
        rx.el.span(item.name, dir="auto", class_name="min-w-0 font-medium text-ink"),
        rx.cond(item.problem != "", rx.el.span(item.problem, class_name="text-muted")),
        class_name="flex flex-wrap items-start gap-2",
    )


def row_card(row: rx.Var[RowView]) -> rx.Component:
    """One document as a card: its name leads to it."""
    return rx.el.li(
        rx.el.h3(
            page_link(
                row.name,
                href=row.link,
                dir="auto",
                class_name="text-base font-semibold text-ink hover:underline after:absolute "
                "after:inset-0 after:rounded-2xl",
            ),
            class_name="min-w-0",
        ),
        rx.el.p(row.description, dir="auto", class_name="mt-1 line-clamp-3 text-sm text-muted"),
        row_chips(row),
        class_name=(
            "relative flex flex-col rounded-2xl border border-line bg-surface p-5 card-shadow "
            "hover:border-line-strong"
        ),
    )


def row_chips(row: rx.Var[RowView]) -> rx.Component:
    """What a list says of a document besides its words."""
    chip = "inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium "
    return rx.el.div(
        rx.cond(row.kind != "", rx.el.span(row.kind, class_name=chip + "bg-sunken text-muted")),
        rx.cond(row.is_draft, rx.el.span("New", class_name=chip + "bg-info-soft text-info")),
        rx.cond(
            row.is_outdated,
            rx.el.span(
                icon("history", 12),
                "Outdated",
                title="What it rests on has changed since",
                class_name=chip + "bg-warn-soft text-warn",
            ),
        ),
        rx.cond(row.confidence != "", confidence_chip(row.confidence)),
        class_name="mt-auto flex flex-wrap items-center gap-1.5 pt-3",
    )
