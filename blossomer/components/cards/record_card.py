"""A card that is one record: what is known by the name of each attribute."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.frame import card_frame
from blossomer.components.cards.lint_panel import mail_foot
from blossomer.components.cards.statement import origin_beside, quotes_below
from blossomer.components.cards.value import value_content
from blossomer.entities.config import Card
from blossomer.state.card_views import ValueView
from blossomer.state.entity_page import EntityPageState


def record_card(card: Card) -> rx.Component:
    """One card and its attributes, each with where it comes from."""
    return card_frame(card, record_content(card))


def record_content(card: Card) -> rx.Component:
    """The attributes, and of an e-mail what is to be said of it."""
    view = EntityPageState.cards[card.key]
    attributes = rx.el.dl(rx.foreach(view.rows, _row))
    return rx.fragment(attributes, mail_foot(card.key)) if card.mail else attributes


def _row(value: rx.Var[ValueView]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(
            value.label,
            origin_beside(value),
            class_name="flex items-center justify-between gap-3 text-sm font-medium text-muted",
        ),
        rx.el.dd(value_content(value), class_name="mt-1.5 min-w-0"),
        rx.el.dd(quotes_below(value), class_name="min-w-0"),
        class_name="border-t border-line py-3 first:border-t-0 first:pt-0 last:pb-0",
    )
