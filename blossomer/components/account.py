"""Who is signed in, and the ways in and out, for the headers of all pages."""

from __future__ import annotations

import reflex as rx

from blossomer.components.server_form import server_form
from blossomer.components.ui import action_button, icon, link_button, page_link
from blossomer.state.entity_page import EntityPageState


def account_menu() -> rx.Component:
    """The signed-in person's name, with their settings and the way out behind it."""
    account = EntityPageState.account
    return rx.el.details(
        rx.el.summary(
            icon("circle-user-round", 20),
            rx.el.span(account.name, class_name="hidden max-w-40 truncate sm:inline"),
            aria_label="Your account",
            class_name=(
                "inline-flex min-h-11 items-center gap-2 rounded-lg px-2 text-sm font-medium "
                "text-muted hover:bg-sunken hover:text-ink"
            ),
        ),
        rx.el.div(
            rx.el.p(account.name, class_name="truncate text-sm font-semibold text-ink"),
            rx.el.p(account.email, class_name="truncate text-sm text-muted"),
            page_link(
                icon("settings", 16),
                "Account settings",
                href="/account-settings",
                class_name=(
                    "mt-3 flex min-h-11 items-center gap-2 rounded-lg px-2 text-sm font-medium "
                    "text-ink hover:bg-sunken"
                ),
            ),
            sign_out(),
            class_name=(
                "absolute right-0 z-40 mt-2 w-64 rounded-xl border border-line bg-raised p-4 "
                "modal-shadow"
            ),
        ),
        class_name="relative",
        data_testid="account",
    )


def sign_out() -> rx.Component:
    """Ends the session. A real form: the page must be loaded anew, with nobody's data in it."""
    return server_form(
        action_button(
            icon("log-out", 16),
            "Sign out",
            kind="quiet",
            type="submit",
            class_name="w-full justify-start px-2",
        ),
        action="/auth/logout",
    )


def way_in() -> rx.Component:
    """For the header of public pages: into the app, or to the page to sign in on."""
    return rx.cond(
        EntityPageState.account.name != "",
        rx.fragment(
            link_button("Open the app", href="/app/company", kind="primary"),
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
