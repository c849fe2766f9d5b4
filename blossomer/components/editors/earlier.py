"""What a field has held before, in the edit modal, and the way to have it back."""

from __future__ import annotations

import reflex as rx

from blossomer.components.ui import action_button, icon
from blossomer.state.entity_page import EntityPageState
from blossomer.state.views import EarlierView


def earlier_versions() -> rx.Component:
    """A list that is read when it is asked for; taking one fills the modal and saves nothing."""
    state = EntityPageState
    return rx.el.section(
        rx.match(
            state.earlier_state,
            ("some", _list()),
            ("none", _line("There is no earlier version of this.")),
            (
                "unavailable",
                _line("Earlier versions cannot be reached right now. Try again in a moment."),
            ),
            action_button(
                icon("history", 16),
                "Earlier versions",
                kind="quiet",
                on_click=state.show_earlier,
            ),
        ),
        class_name="mt-4 border-t border-line py-3",
        data_testid="earlier",
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.h3("Earlier versions", class_name="text-sm font-semibold"),
        rx.el.ol(
            rx.foreach(EntityPageState.earlier, _version),
            class_name="mt-2 flex flex-col gap-3",
        ),
    )


def _version(version: rx.Var[EarlierView]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.cond(version.label != "", version.label + " · ", ""),
                version.origin,
                " · ",
                version.at,
                " UTC",
                class_name="text-xs text-muted",
            ),
            action_button(
                "Use this",
                aria_label="Use this version of " + version.at,
                on_click=EntityPageState.use_earlier(version.version, version.key),
                class_name="ml-auto",
            ),
            class_name="flex items-center gap-2",
        ),
        rx.el.ul(
            rx.foreach(
                version.texts, lambda text: rx.el.li(text, dir="auto", class_name="line-clamp-3")
            ),
            class_name="mt-1 flex list-disc flex-col gap-1 pl-4 text-sm text-ink",
        ),
        class_name="rounded-xl bg-sunken p-3",
    )


def _line(text: str) -> rx.Component:
    return rx.el.p(text, class_name="text-sm text-muted")
