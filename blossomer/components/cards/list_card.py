"""A card of short statements."""

from __future__ import annotations

import reflex as rx

from blossomer.components.cards.frame import card_frame
from blossomer.components.cards.statement import statement
from blossomer.entities.config import Card
from blossomer.state.entity_page import EntityPageState


def list_card(card: Card) -> rx.Component:
    """One card and its statements."""
    view = EntityPageState.cards[card.key]
    return card_frame(card, rx.el.ul(rx.foreach(view.statements, statement), dir="auto"))
