"""Who is signed in, and the ways in and out, for the headers of all pages."""

from __future__ import annotations

import reflex as rx

from blossomer.components.server_form import server_form
from blossomer.components.ui import icon, link_button, page_link, popover
from blossomer.state.entity_page import EntityPageState

_ENTRY = (
    "flex min-h-11 items-center gap-2 rounded-lg px-2 text-sm font-medium text-ink hover:bg-sunken"
)


def account_menu() -> rx.Component:
    """The signed-in person's name, with their settings and the way out behind it."""
    account = EntityPageState.account
    return popover(
        rx.el.p(account.name, class_name="truncate text-sm font-semibold text-ink"),
        rx.el.p(account.email, class_name="mb-3 truncate text-sm text-muted"),
        page_link(
            icon("layout-dashboard", 16), "Open the app", href="/app/company", class_name=_ENTRY
        ),
        page_link(
            icon("settings", 16), "Account settings", href="/account-settings", class_name=_ENTRY
        ),
        sign_out(),
        panel="account-menu",
        button=rx.el.button(
            icon("circle-user-round", 20),
            rx.el.span(account.name, class_name="hidden max-w-40 truncate sm:inline"),
            type="button",
            aria_label="Your account",
            class_name=(
                "inline-flex min-h-11 cursor-pointer items-center gap-2 rounded-lg px-2 text-sm "
                "font-medium text-muted hover:bg-sunken hover:text-ink"
            ),
        ),
        place="inset-auto right-4 top-14 m-0",
        data_testid="account",
    )


def sign_out() -> rx.Component:
    """Ends the session. A real form: the page must be loaded anew, with nobody's data in it."""
    return server_form(
        rx.el.button(
            icon("log-out", 16),
            "Sign out",
            type="submit",
            class_name=f"w-full cursor-pointer {_ENTRY}",
        ),
        action="/auth/logout",
    )


def way_in() -> rx.Component:
    """For the header of public pages: into the app, or to the page to sign in on."""
    return rx.cond(
        EntityPageState.account.name != "",
        rx.fragment(
            rx.el.div(
                link_button("Open the app", href="/app/company", kind="primary"),
                class_name="hidden sm:block",
            ),
            account_menu(),
        ),
        rx.fragment(
            link_button("Sign in", href="/auth?mode=signin", kind="quiet"),
            rx.el.div(
                link_button("Playground", href="/playground/company", kind="secondary"),
                class_name="hidden sm:block",
            ),
        ),
    )
