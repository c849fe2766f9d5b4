"""The landing page: what the product is, the form that starts it, and an example to look at."""

from __future__ import annotations

import reflex as rx

from blossomer.components.editors.generation_form import generation_form
from blossomer.components.layout import public_layout
from blossomer.components.ui import icon
from blossomer.components.ui.status import status_chip
from blossomer.entities import entity_config
from blossomer.state.entity_page import EntityPageState

CONFIG = entity_config("company")

PROMISES = (
    (
        "quote",
        "Every quote is checked",
        "A sentence counts as quoted only when it stands on the page, letter by letter. "
        "Everything else is marked as a conclusion.",
    ),
    (
        "pen-line",
        "Yours to change",
        "Edit any line. What you wrote stays word for word, even when a card is written again.",
    ),
    (
        "shield-question",
        "No site, no analysis",
        "When a site cannot be read, you are told why, and can paste a description instead. "
        "Nothing is written from nothing.",
    ),
)

EXAMPLE = (
    (
        "Key features and capabilities",
        "layers",
        (
            (
                "Route planning: dispatchers plan a day of deliveries in minutes.",
                "quoted",
                "Plan a full day of deliveries in four minutes.",
            ),
            (
                "Proof of delivery: drivers collect signatures offline.",
                "quoted",
                "Signatures wait on the phone until there is a network again.",
            ),
        ),
    ),
    (
        "Target customers",
        "users",
        (
            (
                "Target Accounts: regional food wholesalers with 10 to 80 vans.",
                "inferred",
                "",
            ),
            ("Key Personas: heads of logistics who answer for late deliveries.", "edited", ""),
        ),
    ),
)


def landing() -> rx.Component:
    """The start page."""
    return public_layout(
        rx.el.section(
            rx.el.div(
                rx.el.h1(
                    "Know who to sell to, and why they would buy",
                    class_name="display text-4xl font-semibold leading-tight sm:text-5xl",
                ),
                rx.el.p(
                    "Enter a website. Blossomer reads it and writes a company overview you can "
                    "check line by line, correct, and build on.",
                    class_name="mt-4 max-w-xl text-lg text-muted",
                ),
                rx.el.div(
                    generation_form(CONFIG, id_prefix="landing"),
                    rx.el.p(
                        "No account and no card. Your work stays in this browser.",
                        class_name="mt-4 text-sm text-faint",
                    ),
                    class_name=(
                        "mt-8 max-w-xl rounded-2xl border border-line bg-surface p-5 card-shadow"
                    ),
                ),
                class_name="min-w-0",
            ),
            _example(),
            class_name=(
                "mx-auto grid max-w-6xl items-start gap-12 px-4 py-12 sm:px-6 sm:py-20 "
                "lg:grid-cols-[1.1fr_0.9fr]"
            ),
        ),
        rx.el.section(
            rx.el.ul(
                *(_promise(*promise) for promise in PROMISES),
                class_name="mx-auto grid max-w-6xl gap-8 px-4 py-14 sm:px-6 md:grid-cols-3",
            ),
            aria_label="What you can rely on",
            class_name="border-t border-line bg-surface",
        ),
    )


def _example() -> rx.Component:
    return rx.el.aside(
        rx.el.div(
            rx.el.h2("What you get", class_name="display text-xl font-semibold"),
            rx.el.span("An example", class_name="text-sm text-faint"),
            class_name="flex items-baseline justify-between gap-3",
        ),
        *(_example_card(*card) for card in EXAMPLE),
        aria_label="An example of an overview",
        id="example",
        class_name="flex flex-col gap-4 lg:pt-3",
    )


def _example_card(
    title: str, icon_name: str, items: tuple[tuple[str, str, str], ...]
) -> rx.Component:
    return rx.el.div(
        rx.el.h3(
            icon(icon_name, 18, "text-muted"),
            title,
            class_name="mb-3 flex items-center gap-2 text-base font-semibold",
        ),
        rx.el.ul(
            *(
                rx.el.li(
                    rx.el.p(text, class_name="text-[0.95rem]"),
                    status_chip(rx.Var.create(status)),
                    rx.el.blockquote(
                        quote,
                        class_name=(
                            "w-full rounded-lg border-l-4 border-good bg-good-soft px-3 py-2 "
                            "text-sm"
                        ),
                    )
                    if quote
                    else rx.fragment(),
                    class_name=(
                        "flex flex-col items-start gap-1.5 border-t border-line py-3 "
                        "first:border-t-0 first:pt-0 last:pb-0"
                    ),
                )
                for text, status, quote in items
            )
        ),
        class_name="rounded-2xl border border-line bg-surface p-5 card-shadow",
    )


def _promise(icon_name: str, title: str, text: str) -> rx.Component:
    return rx.el.li(
        icon(icon_name, 22, "text-accent"),
        rx.el.h2(title, class_name="mt-3 text-base font-semibold"),
        rx.el.p(text, class_name="mt-1 text-muted"),
    )


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        landing,
        route="/",
        title="Blossomer: know who to sell to",
        description="Enter a website and get a company overview with a source for every line.",
        on_load=EntityPageState.greet,
    )
