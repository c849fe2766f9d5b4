"""The frames around pages: a header for public pages, a header with navigation for the work."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from blossomer.components.account import account_menu, way_in
from blossomer.components.place import Place
from blossomer.components.ui import (
    icon,
    icon_button,
    link_button,
    notice,
    page_link,
    plain_link,
)
from blossomer.entities import ENTITIES
from blossomer.state.entity_page import EntityPageState

_BAR = "sticky top-0 z-30 border-b border-line bg-canvas/95 backdrop-blur"


def _wordmark() -> rx.Component:
    return page_link(
        icon("flower-2", 24, "text-accent"),
        rx.el.span("Blossomer", class_name="display text-xl font-semibold whitespace-nowrap"),
        href="/",
        aria_label="Blossomer, start page",
        class_name="inline-flex items-center gap-2 rounded-lg text-ink min-h-11",
    )


def _skip_link() -> rx.Component:
    return plain_link(
        "Skip to content",
        href="#content",
        class_name=(
            "sr-only focus:not-sr-only focus:fixed focus:left-4 focus:top-3 focus:z-50 "
            "focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2 focus:text-ink"
        ),
    )


def _color_mode_button() -> rx.Component:
    return icon_button(
        "Switch between light and dark",
        "sun-moon",
        on_click=rx.toggle_color_mode,
    )


def connection_notice() -> rx.Component:
    """Says that the connection is lost, that it comes back by itself, and that nothing is lost."""
    return rx.cond(
        has_connection_errors,
        notice(
            rx.el.p(
                rx.el.strong("Connection lost. "),
                "Trying to reconnect. What you type stays here and is saved once it is back.",
            ),
            tone="warn",
            icon_name="wifi-off",
        ),
    )


def public_layout(*children: Any, ways: bool = True) -> rx.Component:
    """The frame of the landing page and other public pages.

    Args:
        children: The page.
        ways: Whether the header leads elsewhere; not on a page that waits for an answer.
    """
    return rx.el.div(
        _skip_link(),
        rx.el.header(
            rx.el.div(
                _wordmark(),
                rx.el.nav(
                    _color_mode_button(),
                    way_in() if ways else rx.fragment(),
                    aria_label="Main",
                    class_name="flex items-center gap-1 sm:gap-2",
                ),
                class_name=(
                    "mx-auto flex max-w-6xl items-center justify-between gap-3 px-4 py-2 sm:px-6"
                ),
            ),
            class_name=_BAR,
        ),
        rx.el.main(*children, id="content", class_name="flex-1"),
        _footer(knows_who=ways),
        class_name="flex min-h-screen flex-col bg-canvas text-ink",
    )


def main_layout(*children: Any, place: Place, active: str) -> rx.Component:
    """The frame of the pages where people work.

    Args:
        children: The page.
        place: The part of the product that the page belongs to.
        active: Key of the entity whose place in the navigation is lit.
    """
    return rx.el.div(
        _skip_link(),
        rx.el.header(
            rx.el.div(
                _wordmark(),
                rx.fragment() if place.has_account else _playground_badge(),
                rx.el.div(class_name="flex-1"),
                _color_mode_button(),
                account_menu()
                if place.has_account
                else link_button("Sign in", href="/auth?mode=signin", kind="quiet"),
                class_name="flex items-center gap-3 px-4 py-2 sm:px-6",
            ),
            class_name=_BAR,
        ),
        rx.el.div(
            rx.el.nav(
                *(_navigation_link(key, place, key == active) for key in ENTITIES),
                aria_label="Plan",
                class_name=(
                    "flex gap-1 overflow-x-auto border-b border-line px-3 py-2 lg:w-56 lg:shrink-0 "
                    "lg:flex-col lg:border-b-0 lg:border-r lg:px-3 lg:py-6"
                ),
            ),
            rx.el.main(
                *children,
                id="content",
                class_name="min-w-0 flex-1 px-4 py-6 sm:px-6 lg:px-10 lg:py-8",
            ),
            class_name="flex flex-1 flex-col lg:flex-row",
        ),
        class_name="flex min-h-screen flex-col bg-canvas text-ink",
    )


def _playground_badge() -> rx.Component:
    return rx.el.span(
        "Playground",
        class_name=(
            "hidden rounded-full bg-sunken px-2.5 py-1 text-xs font-medium text-muted sm:inline"
        ),
        title="Your work stays in this browser",
    )


def _navigation_link(entity: str, place: Place, is_active: bool) -> rx.Component:
    config = ENTITIES[entity]
    look = (
        "bg-accent-soft text-accent" if is_active else "text-muted hover:bg-sunken hover:text-ink"
    )
    current = {"aria_current": "page"} if is_active else {}
    return page_link(
        icon(config.icon, 18),
        config.label_plural if config.parents else config.label,
        href=place.path(config),
        class_name=(
            "flex min-h-11 shrink-0 items-center gap-2.5 rounded-lg px-3 text-sm font-medium "
            f"whitespace-nowrap {look}"
        ),
        **current,
    )


def _footer(*, knows_who: bool) -> rx.Component:
    """The foot of a public page.

    Args:
        knows_who: Whether the page has asked who is there; otherwise nothing is said of it.
    """
    return rx.el.footer(
        rx.el.div(
            rx.cond(
                EntityPageState.account.name == "",
                rx.el.p("Your playground work stays in your browser."),
                rx.el.p("Signed in as ", EntityPageState.account.name),
            )
            if knows_who
            else rx.el.p(),
            plain_link(
                "API", href="/docs", class_name="underline underline-offset-2 hover:text-ink"
            ),
            class_name=(
                "mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-3 px-4 py-8 "
                "text-sm text-faint sm:px-6"
            ),
        ),
        class_name="border-t border-line",
    )
