"""The pages around signing in: the ways in, and what went wrong with one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.layout import public_layout
from blossomer.components.ui import icon, link_button, notice, page_link, plain_link
from blossomer.state.sign_in import SignInState, WayIn

_WAY = (
    "flex w-full min-h-12 items-center justify-center gap-2 rounded-lg border px-4 text-sm "
    "font-semibold transition-colors "
)
_FIRST = f"{_WAY}border-transparent bg-accent text-on-accent hover:bg-accent-strong"
_OTHER = f"{_WAY}border-line-strong bg-surface text-ink hover:bg-sunken"
_SIGN = "mb-2 grid size-14 place-items-center rounded-2xl bg-accent-soft text-accent"
_PAGE = "mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-12 text-center sm:py-20"
_TITLE = "display text-3xl font-semibold"


def auth() -> rx.Component:
    """Sign in, or create an account: the same, with other words."""
    state = SignInState
    return public_layout(
        rx.el.section(
            rx.el.span(icon("user-round", 28), class_name=_SIGN),
            # Which of the two it is stands in the address, so nothing is claimed before.
            rx.cond(state.ready, _sign_in(), _waiting("Loading the ways to sign in", 3)),
            class_name=_PAGE,
        )
    )


def _sign_in() -> rx.Component:
    state = SignInState
    return rx.fragment(
        rx.el.h1(rx.cond(state.is_new, "Create your account", "Sign in"), class_name=_TITLE),
        rx.el.p(
            "Your work is saved, and there whenever you sign in. What you have made in the "
            "playground can come along.",
            class_name="text-muted",
        ),
        rx.el.div(
            _ways_in(),
            class_name=(
                "mt-4 flex w-full flex-col gap-4 rounded-2xl border border-line bg-surface p-5 "
                "text-left card-shadow"
            ),
        ),
        rx.el.p(
            rx.cond(state.is_new, "You have an account? ", "New here? "),
            page_link(
                rx.cond(state.is_new, "Sign in", "Create an account"),
                href=state.other_href,
                class_name="font-semibold text-accent underline underline-offset-2",
            ),
            class_name="mt-3 text-sm text-muted",
        ),
    )


def _ways_in() -> rx.Component:
    state = SignInState
    return rx.fragment(
        rx.cond(
            state.is_local,
            notice(
                rx.el.p(
                    rx.el.strong("Local sign-in for this machine. "),
                    "No Stack Auth project is configured, so this server signs you in itself: any "
                    "e-mail address will do, and no password is asked for.",
                ),
                tone="info",
                icon_name="info",
                data_testid="local-sign-in",
            ),
        ),
        rx.el.ul(
            rx.foreach(state.ways, _way_in),
            aria_label="Ways to sign in",
            class_name="flex flex-col gap-2",
        ),
        rx.el.p(
            "The only cookie is the one that keeps you signed in.",
            class_name="text-center text-sm text-faint",
        ),
    )


def _way_in(way: rx.Var[WayIn], index: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        plain_link(
            icon("log-in", 16),
            way.label,
            href=way.href,
            class_name=rx.cond(index == 0, _FIRST, _OTHER),
        )
    )


def failure() -> rx.Component:
    """Why it did not work, and what to do."""
    state = SignInState
    return public_layout(
        rx.el.section(
            rx.el.span(icon("circle-alert", 28), class_name=_SIGN),
            rx.el.h1("That did not work", class_name=_TITLE),
            rx.cond(
                state.ready,
                rx.fragment(
                    rx.el.div(
                        rx.el.p(state.message, class_name="font-semibold"),
                        rx.el.p(state.action, class_name="mt-1 text-muted"),
                        role="alert",
                        data_testid="cause",
                    ),
                    rx.el.div(
                        link_button("Try again", href=state.again_href, kind="primary"),
                        link_button("Start page", href="/"),
                        class_name="mt-4 flex flex-wrap justify-center gap-2",
                    ),
                ),
                _waiting("Loading what went wrong", 2),
            ),
            class_name=_PAGE,
        )
    )


def _waiting(label: str, lines: int) -> rx.Component:
    shapes: list[Any] = [rx.el.div(class_name="skeleton h-12 w-full") for _ in range(lines)]
    return rx.el.div(
        rx.el.span(label, class_name="sr-only"),
        *shapes,
        role="status",
        class_name="flex w-full flex-col gap-2",
    )


def add_to(app: rx.App) -> None:
    """Register the pages."""
    app.add_page(auth, route="/auth", title="Sign in · Blossomer", on_load=SignInState.open_sign_in)
    app.add_page(
        failure,
        route="/handler/error",
        title="That did not work · Blossomer",
        on_load=SignInState.open_failure,
    )
