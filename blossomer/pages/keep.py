"""After signing in: what becomes of the work in this browser. Without any, one never sees it."""

from __future__ import annotations

import reflex as rx

from blossomer.components.browser_drafts import BrowserDrafts
from blossomer.components.cards.states import message_state
from blossomer.components.layout import public_layout
from blossomer.components.ui import action_button, icon, notice, spinner
from blossomer.state.draft_store import PREFIX
from blossomer.state.keeping import KeepingState


def keep() -> rx.Component:
    """Asks once; either answer leads on."""
    state = KeepingState
    return public_layout(
        BrowserDrafts.create(
            prefix=PREFIX,
            request=state.drafts_request,
            operations=state.drafts_operations,
            on_documents=state.drafts_read,
            on_written=state.drafts_written,
        ),
        rx.el.section(
            rx.match(
                state.phase,
                ("asking", _question()),
                ("problem", rx.cond(state.found.length() > 0, _question(), _unreachable())),
                ("keeping", _busy("Keeping your work")),
                _busy("Signing you in"),
            ),
            class_name="mx-auto flex max-w-xl flex-col px-4 py-16 sm:py-24",
        ),
        ways=False,
    )


def _question() -> rx.Component:
    state = KeepingState
    return rx.fragment(
        rx.el.h1("Keep your playground work?", class_name="display text-3xl font-semibold"),
        rx.el.p(
            "You made this in the browser before you signed in. Keep it in your account, or "
            "discard it. Either way it is then removed from this browser.",
            class_name="mt-2 text-muted",
        ),
        rx.el.ul(
            rx.foreach(
                state.found,
                lambda draft: rx.el.li(
                    icon("file-text", 16, "text-muted"),
                    rx.el.span(draft.name, dir="auto", class_name="min-w-0 truncate"),
                    class_name="flex items-center gap-2 px-4 py-3 text-sm font-medium",
                ),
            ),
            class_name=(
                "mt-6 max-h-80 divide-y divide-line overflow-y-auto rounded-2xl border border-line "
                "bg-surface"
            ),
        ),
        rx.cond(
            state.problem != "",
            rx.el.div(
                notice(rx.el.p(state.problem), tone="bad", icon_name="triangle-alert"),
                role="alert",
                class_name="mt-4",
            ),
        ),
        rx.el.div(
            action_button("Keep it", kind="primary", on_click=state.keep_work),
            action_button("Discard it", on_click=state.discard_work),
            class_name="mt-6 flex flex-wrap gap-2",
        ),
    )


def _unreachable() -> rx.Component:
    return message_state(
        "cloud-off",
        "Signing in has to wait",
        KeepingState.problem,
        action_button("Try again", kind="primary", on_click=KeepingState.load),
    )


def _busy(words: str) -> rx.Component:
    return rx.el.p(
        spinner(20),
        words,
        role="status",
        class_name="flex items-center justify-center gap-3 text-muted",
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        keep,
        route="/handler/keep",
        title="Signing in · Blossomer",
        on_load=KeepingState.load,
    )
