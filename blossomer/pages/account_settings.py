"""The account: profile, usage against limits, sign-out, export, deletion."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.account import sign_out
from blossomer.components.cards.states import loading_state, message_state
from blossomer.components.layout import public_layout
from blossomer.components.server_form import server_form
from blossomer.components.ui import action_button, icon, plain_link
from blossomer.components.ui.controls import button_look
from blossomer.components.ui.inputs import INPUT
from blossomer.state.account import AccountState
from blossomer.state.entity_page import EntityPageState
from blossomer.state.views import UsageView


def account_settings() -> rx.Component:
    """Everything about the signed-in person."""
    state = AccountState
    return public_layout(
        rx.el.div(
            rx.match(
                state.phase,
                ("ready", rx.fragment(_profile(), _usage(), _data(), _deletion())),
                (
                    "unavailable",
                    message_state(
                        "cloud-off",
                        "Your account cannot be reached right now",
                        "The database does not answer. Nothing is lost.",
                        action_button("Try again", kind="primary", on_click=state.load),
                    ),
                ),
                loading_state(),
            ),
            class_name="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-10 sm:px-6",
        ),
    )


def _section(title: str, *children: Any, **props: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="text-lg font-semibold"),
        *children,
        class_name="rounded-2xl border border-line bg-surface p-5 card-shadow",
        **props,
    )


def _profile() -> rx.Component:
    account = AccountState.account
    return rx.fragment(
        rx.el.h1("Account", class_name="display text-3xl font-semibold"),
        _section(
            "Profile",
            rx.el.div(
                rx.el.div(
                    rx.el.p(account.name, class_name="truncate font-medium"),
                    rx.el.p(account.email, class_name="truncate text-sm text-muted"),
                    rx.el.p("Tier: ", AccountState.tier, class_name="mt-1 text-sm text-muted"),
                    class_name="min-w-0 flex-1",
                ),
                sign_out(),
                class_name="mt-3 flex flex-wrap items-center gap-3",
            ),
        ),
    )


def _usage() -> rx.Component:
    state = AccountState
    return _section(
        "Usage",
        rx.el.dl(
            _figure("Left this hour", state.left.to_string() + " of " + state.limit.to_string()),
            _figure("Analyses", state.generations),
            _figure("Tokens", state.tokens),
            _figure("Cost, where known", state.cost),
            class_name="mt-3 grid grid-cols-2 gap-4 sm:grid-cols-4",
        ),
        rx.cond(
            state.recent.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption("The latest analyses", class_name="sr-only"),
                    rx.el.thead(
                        rx.el.tr(
                            *(
                                rx.el.th(
                                    title, scope="col", class_name="py-2 pr-4 text-left font-medium"
                                )
                                for title in ("When (UTC)", "What", "Outcome", "By", "Tokens")
                            ),
                            class_name="text-muted",
                        ),
                    ),
                    rx.el.tbody(rx.foreach(state.recent, _row)),
                    class_name="w-full text-sm",
                ),
                tab_index=0,
                role="region",
                aria_label="The latest analyses",
                class_name="mt-5 overflow-x-auto border-t border-line pt-2",
            ),
        ),
        data_testid="usage",
    )


def _figure(label: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-muted"),
        rx.el.dd(value, class_name="text-xl font-semibold tabular-nums"),
    )


def _row(line: rx.Var[UsageView]) -> rx.Component:
    cells = (line.at, line.what, line.outcome, line.writer, line.tokens)
    return rx.el.tr(
        *(rx.el.td(cell, class_name="py-2 pr-4 whitespace-nowrap") for cell in cells),
        class_name="border-t border-line",
    )


def _data() -> rx.Component:
    return _section(
        "Your data",
        rx.el.p(
            "Everything that is kept of you, with all versions, as one JSON file.",
            class_name="mt-1 text-sm text-muted",
        ),
        plain_link(
            icon("download", 16),
            "Download everything",
            href="/auth/export",
            download=True,
            class_name=button_look("secondary", "mt-3"),
        ),
    )


def _deletion() -> rx.Component:
    return _section(
        "Delete the account",
        rx.el.p(
            "Deletes your account and everything in it, at once and for good. Download your data "
            "first if you may want it.",
            class_name="mt-1 text-sm text-muted",
        ),
        server_form(
            rx.el.label(
                "Type “delete” to confirm",
                html_for="confirm-delete",
                class_name="text-sm font-medium",
            ),
            rx.el.input(
                id="confirm-delete",
                name="confirm",
                pattern="delete",
                title="delete",
                required=True,
                auto_complete="off",
                class_name=INPUT + " max-w-60",
            ),
            action_button("Delete my account", kind="danger", type="submit", class_name="sm:w-fit"),
            action="/auth/delete-account",
            class_name="mt-3 flex flex-col gap-2",
        ),
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        account_settings,
        route="/account-settings",
        title="Account · Blossomer",
        on_load=[AccountState.load, EntityPageState.greet],
    )
