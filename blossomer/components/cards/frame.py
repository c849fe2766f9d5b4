"""What every card has around its content: heading, confidence, what can be done, and its states."""

from __future__ import annotations

from typing import Any

import reflex as rx

from blossomer.components.cards.progress import stage_line
from blossomer.components.ui import confidence_chip, icon, icon_button, spinner
from blossomer.entities.config import Card
from blossomer.state.editing import edit_button_id
from blossomer.state.entity_page import EntityPageState

CARD = "rounded-2xl border border-line bg-surface p-5 card-shadow"


def card_frame(card: Card, content: rx.Component) -> rx.Component:
    """One card: heading, what can be done with it, and its content once there is some.

    Args:
        card: Which part of the data it shows and in which words.
        content: What it shows when it is not empty.
    """
    view = EntityPageState.cards[card.key]
    heading = f"card-{card.key}"
    return rx.el.section(
        rx.el.div(
            rx.el.span(
                icon(card.icon, 18),
                class_name="grid size-9 shrink-0 place-items-center rounded-lg bg-sunken",
            ),
            rx.el.div(
                rx.el.h2(card.label, id=heading, class_name="text-base font-semibold text-ink"),
                rx.el.div(
                    rx.cond(view.state == "done", confidence_chip(view.confidence)),
                    class_name="-ml-2 min-h-5",
                ),
                class_name="min-w-0 flex-1",
            ),
            rx.cond(
                EntityPageState.generating,
                rx.cond(EntityPageState.rewriting == card.key, _cancel(card), _writing_sign(view)),
                _actions(card),
            ),
            class_name="mb-3 flex items-start gap-3",
        ),
        rx.cond(EntityPageState.rewriting == card.key, stage_line()),
        rx.cond(
            view.is_empty,
            rx.cond(view.state == "done", _empty(card), _skeleton()),
            content,
        ),
        aria_labelledby=heading,
        aria_busy=view.state != "done",
        data_card=card.key,
        class_name=CARD,
    )


def _actions(card: Card) -> rx.Component:
    return rx.el.div(
        icon_button(
            f"Write {card.label} again",
            "refresh-cw",
            on_click=EntityPageState.rewrite(card.key),
        ),
        icon_button(
            f"Edit {card.label}",
            "pencil",
            id=edit_button_id(card.key),
            on_click=EntityPageState.edit(card.key),
        ),
        class_name="flex shrink-0 -mr-2 -mt-1",
    )


def _cancel(card: Card) -> rx.Component:
    return icon_button(
        f"Stop writing {card.label}", "x", on_click=EntityPageState.cancel, class_name="-mr-2 -mt-1"
    )


def _writing_sign(view: Any) -> rx.Component:
    return rx.match(
        view.state,
        (
            "writing",
            rx.el.span(
                spinner(14),
                "Writing",
                class_name="inline-flex items-center gap-1.5 text-xs font-medium text-accent",
            ),
        ),
        ("waiting", rx.el.span("Waiting", class_name="text-xs text-faint")),
        rx.fragment(),
    )


def _empty(card: Card) -> rx.Component:
    return rx.el.button(
        icon("plus", 16),
        card.empty,
        type="button",
        on_click=EntityPageState.edit(card.key),
        class_name=(
            "flex w-full items-center gap-2 rounded-lg border border-dashed border-line-strong "
            "px-3 py-3 text-left text-sm text-muted hover:bg-sunken hover:text-ink cursor-pointer"
        ),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.div(class_name=f"skeleton h-4 {width}")
            for width in ("w-full", "w-11/12", "w-3/5")
        ),
        aria_hidden="true",
        class_name="flex flex-col gap-3 py-1",
    )
