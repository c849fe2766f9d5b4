"""A card with one text chosen of several: the subject of an e-mail. Each can be written in."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.frame import card_frame
from blossomer.components.cards.record_card import record_content
from blossomer.components.ui.inputs import INPUT
from blossomer.components.ui.keys import WritingKeys
from blossomer.entities.config import Card
from blossomer.state.entity_page import EntityPageState
from blossomer.state.mail_views import TextView


def choice_card(card: Card) -> rx.Component:
    """The texts with a radio button each; choosing one changes places with the one used so far."""
    state = EntityPageState
    return card_frame(
        card,
        rx.cond(
            state.generating,
            record_content(card),
            rx.el.fieldset(
                rx.el.legend(card.subtitle, class_name="mb-2 text-sm text-muted"),
                rx.el.div(
                    rx.foreach(state.options[card.key], lambda option: _option(card, option)),
                    class_name="flex flex-col gap-2",
                ),
            ),
        ),
    )


def _option(card: Card, option: rx.Var[TextView]) -> rx.Component:
    state = EntityPageState
    label = card.label
    return rx.el.div(
        rx.cond(
            option.is_new,
            rx.el.span(class_name="w-11 shrink-0", aria_hidden="true"),
            rx.el.label(
                rx.el.input(
                    type="radio",
                    name=f"choice-{card.key}",
                    checked=option.is_chosen,
                    on_change=state.choose_text(card.key, option.place.to(int)),
                    aria_label="Use: " + option.text,
                    class_name="size-4.5 accent-accent cursor-pointer",
                ),
                class_name="grid size-11 shrink-0 place-items-center cursor-pointer",
            ),
        ),
        WritingKeys.create(
            rx.el.input(
                id=option.input,
                key=option.key,
                type="text",
                default_value=option.text,
                auto_complete="off",
                max_length=_longest(card),
                dir="auto",
                aria_label=rx.cond(
                    option.is_chosen,
                    f"{label} that is used",
                    rx.cond(option.is_new, f"Another {label.lower()}", f"{label} not used"),
                ),
                placeholder=rx.cond(option.is_new, f"Add another {label.lower()}", ""),
                on_change=lambda text: state.check_typing(card.key, option.place, text).debounce(
                    300
                ),
                on_blur=lambda text: state.save_text(card.key, option.place, text),
                class_name=rx.cond(
                    option.is_chosen, f"{INPUT} font-semibold border-accent!", INPUT
                ),
            ),
            on_key_down=lambda is_enter, _ctrl, _step, text: rx.cond(
                is_enter,
                state.save_text(card.key, option.place, text),
                rx.noop(),
            ),
            class_name="min-w-0 flex-1",
        ),
        class_name="flex items-center gap-1",
    )


def _longest(card: Card) -> int:
    chosen = card.choice.chosen if card.choice is not None else ""
    return next((a.longest for a in card.attributes if a.name == chosen), 0)
