"""The card of a text in parts: written in on the page, with its findings beside it."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.frame import card_frame
from blossomer.components.cards.lint_panel import lint_panel
from blossomer.components.cards.mail_preview import mail_preview
from blossomer.components.cards.records_card import records_content
from blossomer.components.editors.segments_editor import parts_editor, plain_editor
from blossomer.entities.config import Card
from blossomer.state.entity_page import EntityPageState

_TAB = (
    "inline-flex min-h-11 items-center rounded-lg px-3.5 text-sm font-semibold cursor-pointer "
    "transition-colors sm:min-h-9 "
)
_CHOSEN = _TAB + "bg-surface text-ink card-shadow"
_OTHER = _TAB + "text-muted hover:text-ink"


def segments_card(card: Card) -> rx.Component:
    """The parts, or the whole as plain text; beside an e-mail what is to be said of it."""
    state = EntityPageState
    writing = rx.el.div(
        _modes(card),
        rx.cond(state.as_plain[card.key], plain_editor(card), parts_editor(card)),
        class_name="min-w-0",
    )
    if card.mail is None:
        return card_frame(card, rx.cond(state.generating, records_content(card), writing))
    return card_frame(
        card,
        rx.cond(
            state.generating,
            records_content(card),
            rx.el.div(
                writing,
                rx.el.aside(
                    rx.el.div(
                        lint_panel(card.key),
                        tab_index=0,
                        role="region",
                        aria_label="What the linter found",
                        class_name=(
                            "lg:sticky lg:top-20 lg:max-h-[calc(100vh-6rem)] lg:overflow-y-auto"
                        ),
                    ),
                    aria_label="Findings",
                    class_name="min-w-0 lg:border-l lg:border-line lg:pl-5",
                ),
                rx.el.div(
                    mail_preview(f"preview-{card.key}"),
                    class_name="min-w-0 border-t border-line pt-5 lg:col-span-2",
                ),
                class_name="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]",
            ),
        ),
    )


def _modes(card: Card) -> rx.Component:
    state = EntityPageState
    is_plain = state.as_plain[card.key]
    return rx.el.div(
        rx.el.button(
            "Parts",
            type="button",
            aria_pressed=rx.cond(is_plain, "false", "true"),
            on_click=state.show_plain(card.key, False),
            class_name=rx.cond(is_plain, _OTHER, _CHOSEN),
        ),
        rx.el.button(
            "Plain text",
            type="button",
            aria_pressed=rx.cond(is_plain, "true", "false"),
            on_click=state.show_plain(card.key, True),
            class_name=rx.cond(is_plain, _CHOSEN, _OTHER),
        ),
        role="group",
        aria_label="How the text is shown",
        class_name="mb-4 inline-flex gap-1 rounded-xl bg-sunken p-1",
    )
