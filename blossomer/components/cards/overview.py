"""The head of a detail page: name, what it is, what can be done with it, and what it rests on."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.statement import statement_source
from blossomer.components.export_menu import export_menu
from blossomer.components.place import Place
from blossomer.components.ui import icon, icon_button, notice, outside_link, spinner
from blossomer.entities.config import EntityConfig
from blossomer.state.deleting import DELETE_BUTTON
from blossomer.state.editing import OVERVIEW, edit_button_id
from blossomer.state.entity_page import EntityPageState
from blossomer.state.views import SourceView


def overview(config: EntityConfig, place: Place) -> rx.Component:
    """Name, address, description, actions, save state and provenance of the open document."""
    state = EntityPageState
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                _kind(config),
                rx.el.h1(
                    rx.cond(state.name != "", state.name, state.site),
                    id="overview-name",
                    dir="auto",
                    class_name="display text-3xl font-semibold text-ink sm:text-4xl",
                ),
                rx.cond(
                    state.site_link != "",
                    rx.el.div(
                        outside_link(
                            state.site, href=state.site_link, class_name="text-sm text-muted"
                        ),
                        class_name="mt-1 break-all",
                    ),
                ),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(~state.generating, _actions(config, place)),
            class_name="flex flex-col gap-3 sm:flex-row sm:items-start",
        ),
        rx.cond(
            state.description.text != "",
            rx.el.div(
                rx.el.p(
                    state.description.text,
                    dir="auto",
                    class_name="max-w-3xl text-lg leading-relaxed text-ink",
                ),
                rx.el.div(statement_source(state.description), class_name="mt-2"),
                class_name="mt-4",
            ),
            rx.cond(
                state.generating & (state.rewriting == ""),
                rx.el.div(class_name="skeleton mt-4 h-6 w-3/4", aria_hidden="true"),
            ),
        ),
        rx.cond(~state.generating | (state.rewriting != ""), _provenance()),
        aria_labelledby="overview-name",
        data_card=OVERVIEW,
    )


def _kind(config: EntityConfig) -> rx.Component:
    """What the document is, with its kind where there are several."""
    look = "flex items-center gap-1.5 text-sm font-medium text-accent"
    if not config.kinds:
        return rx.el.p(config.label, class_name=look)
    return rx.match(
        EntityPageState.kind,
        *(
            (
                kind.value,
                rx.el.p(icon(kind.icon, 16), f"{config.label} · {kind.label}", class_name=look),
            )
            for kind in config.kinds
        ),
        rx.el.p(config.label, class_name=look),
    )


def _actions(config: EntityConfig, place: Place) -> rx.Component:
    return rx.el.div(
        _save_state(place),
        rx.cond(
            EntityPageState.can_undo,
            icon_button("Undo the last edit (Ctrl+Z)", "undo-2", on_click=EntityPageState.undo("")),
        ),
        icon_button(
            "Edit name and description",
            "pencil",
            id=edit_button_id(OVERVIEW),
            on_click=EntityPageState.edit(OVERVIEW),
        ),
        icon_button(
            "Change the choices", "sliders-horizontal", on_click=EntityPageState.change_choices
        )
        if config.parents
        else rx.fragment(),
        export_menu(config),
        icon_button(
            "Delete",
            "trash-2",
            on_click=EntityPageState.ask_to_delete(
                EntityPageState.entity, EntityPageState.document_id, EntityPageState.name
            ),
            id=DELETE_BUTTON,
            class_name="hover:text-bad",
        ),
        class_name="flex items-center gap-1 -ml-2 sm:ml-0",
    )


def _change_choices() -> rx.Component:
    return icon_button(
        "Change the choices",
        "sliders-horizontal",
        on_click=EntityPageState.change_choices,
    )


def _save_state(place: Place) -> rx.Component:
    return rx.el.div(
        rx.match(
            EntityPageState.save_state,
            ("saving", rx.el.span(spinner(14), "Saving", class_name=_SAVE + "text-muted")),
            (
                "saved",
                rx.el.span(icon("check", 14), place.saved, class_name=_SAVE + "text-good"),
            ),
            (
                "retrying",
                rx.el.span(
                    spinner(14), "Not saved yet, trying again", class_name=_SAVE + "text-warn"
                ),
            ),
            (
                "failed",
                rx.el.span(icon("triangle-alert", 14), "Not saved", class_name=_SAVE + "text-bad"),
            ),
            rx.fragment(),
        ),
        role="status",
        data_testid="save-state",
        class_name="flex",
    )


_SAVE = "inline-flex items-center gap-1.5 px-2 text-sm font-medium whitespace-nowrap "


def _provenance() -> rx.Component:
    facts = EntityPageState.provenance
    return rx.el.div(
        rx.cond(
            facts.note != "",
            notice(rx.el.p(facts.note), tone="info", icon_name="lightbulb", role="note"),
        ),
        rx.cond(
            facts.is_thin,
            notice(
                rx.el.p(
                    "The site says little. Read this overview with care, or add a description of "
                    "your own."
                ),
                tone="warn",
                icon_name="triangle-alert",
                role="note",
            ),
        ),
        rx.el.details(
            rx.el.summary(
                icon("chevron-right", 16, "turns transition-transform"),
                rx.el.span("Written by ", facts.writer, class_name="font-medium"),
                rx.cond(facts.summary != "", rx.el.span("· ", facts.summary)),
                class_name=(
                    "inline-flex flex-wrap items-center gap-x-1.5 min-h-11 rounded-lg text-sm "
                    "text-muted hover:text-ink"
                ),
            ),
            rx.el.div(
                _sources("Pages read", facts.pages),
                _sources("Not read, and why", facts.skipped),
                _lines("What the site does not show", facts.missing),
                _lines("Assumptions", facts.assumptions),
                _lines("Worth asking", facts.gaps),
                class_name="grid gap-5 rounded-2xl bg-sunken p-5 sm:grid-cols-2",
            ),
            data_testid="provenance",
        ),
        class_name="mt-5 flex flex-col gap-3",
    )


def _sources(title: str, sources: rx.Var[list[SourceView]]) -> rx.Component:
    return rx.cond(
        sources.length() > 0,
        rx.el.div(
            rx.el.h2(title, class_name="text-sm font-semibold text-ink"),
            rx.el.ul(
                rx.foreach(
                    sources,
                    lambda source: rx.el.li(
                        rx.cond(
                            source.link != "",
                            outside_link(source.url, href=source.link, class_name="break-all"),
                            rx.el.span(source.url, class_name="break-all"),
                        ),
                        rx.el.span(source.detail, class_name="block text-xs text-faint"),
                        class_name="text-sm text-muted",
                    ),
                ),
                class_name="mt-2 flex flex-col gap-2",
            ),
        ),
    )


def _lines(title: str, lines: rx.Var[list[str]]) -> rx.Component:
    return rx.cond(
        lines.length() > 0,
        rx.el.div(
            rx.el.h2(title, class_name="text-sm font-semibold text-ink"),
            rx.el.ul(
                rx.foreach(
                    lines, lambda line: rx.el.li(line, dir="auto", class_name="text-sm text-muted")
                ),
                class_name="mt-2 flex list-disc flex-col gap-1.5 pl-4",
            ),
        ),
    )
